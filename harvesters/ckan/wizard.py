"""The page that writes a source: from a sample file or an address to a description that is tried.

Nothing but the sample is kept between the steps, in a folder of its own for a day; the answers
travel with the form. The description is written only once it has been checked and tried.
"""

import re
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.core.connectors import connection, connector
from ckanext.sozialdaten.harvesters.core.describing import checked, keep, tried
from ckanext.sozialdaten.harvesters.core.errors import DeliveryRefused
from ckanext.sozialdaten.harvesters.core.ledger import state_folder
from ckanext.sozialdaten.harvesters.core.quarantine import told
from ckanext.sozialdaten.harvesters.core.sketch import (
    Answers,
    Sketch,
    described,
    drafted,
    sketched,
)
from ckanext.sozialdaten.harvesters.core.source import Connection
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["page"]

_TOKEN = re.compile(r"[0-9a-f]{32}")
_A_DAY = 86400.0
_MOST_BYTES = 64 << 20
_PAGE = "sozialdaten/sources/new.html"
_SAID = ("id", "title", "owner_org", "within", "level", "region_column", "kind", "read_region",
         "read_time", "schedule", "legal_basis", "licence", "attribution")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a connector needs to know of a source that does not exist yet."""

    id: str
    connection: Connection


def page() -> Any:
    """All steps: the sample, the questions, the trial, and the finished description."""
    offices = _offices()
    if not offices:
        return tk.abort(403, tk._("Administrators of an organisation describe new sources."))
    form = tk.request.form
    if tk.request.method != "POST":
        return tk.render(_PAGE, {"step": "sample", "problems": []})
    try:
        sample, address = _sample(form)
    except SozialdatenError as error:
        return tk.render(_PAGE, {"step": "sample", "problems": _told(error)})
    if sample is None:
        return tk.render(_PAGE, {"step": "sample", "problems": [], "missing": True})
    try:
        sketch = sketched(sample, sample.name)
    except SozialdatenError as error:
        return tk.render(_PAGE, {"step": "sample", "problems": _told(error)})
    answers = _answers(form, sketch, sample.name, address)
    if answers.owner_org not in offices:
        answers = replace(answers, owner_org=next(iter(offices)))
    return _questions(sketch, answers, sample, address, offices)


def _questions(
    sketch: Sketch, answers: Answers, sample: Path, address: str, offices: dict[str, str]
) -> Any:
    step = tk.request.form.get("step", "sample")
    shown: dict[str, Any] = {
        "step": "questions", "sketch": sketch, "answers": answers, "offices": offices,
        "token": sample.parent.name, "address": address, "problems": [], "planned": None,
        "yaml": "", "bases": _bases(),
        "named": [(name, name) for name in sketch.dimensions],
    }  # fmt: skip
    if step not in ("try", "keep"):
        return tk.render(_PAGE, shown)
    shown["yaml"] = text = described(sketch, answers)
    try:
        source = checked(text)
        shown["planned"] = tried(source, sample, sample.name)
        if step == "keep":
            keep(text)
    except SozialdatenError as error:
        shown["problems"] = _told(error)
        return tk.render(_PAGE, shown)
    if step == "try":
        return tk.render(_PAGE, shown)
    shutil.rmtree(sample.parent, ignore_errors=True)
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    tk.get_action("sozialdaten_source_create")(context, {"id": source.id})
    tk.h.flash_success(tk._("The source is described and registered. Try it with a dry run."))
    return tk.redirect_to("sozialdaten_sources.show", name=source.id)


def _bases() -> list[tuple[str, str]]:
    """Code and title of each legal basis."""
    language = "de" if tk.h.lang().startswith("de") else "en"
    return [(code.value, code.title(language)) for code in codelist("legal_bases")]


def _offices() -> dict[str, str]:
    """The organisations that the visitor administers: name -> title."""
    if not tk.current_user.is_authenticated:
        return {}
    found = tk.get_action("organization_list_for_user")(
        Context(user=tk.g.user), {"permission": "admin"}
    )
    return {office["name"]: office["display_name"] for office in found}


def _told(error: SozialdatenError) -> list[dict[str, Any]]:
    problems = error.problems if isinstance(error, DeliveryRefused) else (error,)
    return [told(problem) for problem in problems]


def _folder() -> Path:
    """The folder of samples; those of yesterday are erased."""
    folder = state_folder() / "samples"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in folder.iterdir():
        if time.time() - entry.stat().st_mtime > _A_DAY:
            shutil.rmtree(entry, ignore_errors=True)
    return folder


def _sample(form: Any) -> tuple[Path | None, str]:
    """The sample file and the address that it came from; fetched or uploaded in the first step."""
    token, address = form.get("token", ""), form.get("address", "").strip()
    if _TOKEN.fullmatch(token):
        kept = next(iter((_folder() / token).glob("*")), None)
        if kept is not None:
            return kept, address
    folder = _folder() / secrets.token_hex(16)
    upload = tk.request.files.get("sample")
    if upload is not None and upload.filename:
        folder.mkdir(mode=0o700)
        path = folder / (Path(upload.filename.replace("\\", "/")).name[:120].lstrip(".") or "datei")
        with path.open("wb") as stream:
            stream.write(upload.stream.read(_MOST_BYTES))
        return path, ""
    if not address:
        return None, ""
    block = {"connector": {"type": "http", "url": address, "max_bytes": _MOST_BYTES}}
    origin = _Origin(f"sample-{folder.name}", connection(Section(block, "", ("connector",), "")))
    web = connector(origin)
    raw = web.fetch(next(iter(web.discover())))
    folder.mkdir(mode=0o700)
    return Path(shutil.move(raw.path, folder / raw.name)), address


def _answers(form: Any, sketch: Sketch, name: str, address: str) -> Answers:
    """What the form says, on top of what the file shows."""
    start = drafted(sketch, name)
    if address:
        start = replace(start, connector={"type": "http", "url": address})
    if form.get("step", "sample") == "sample":
        return start
    said = {key: form.get(key, "").strip() for key in _SAID}
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    for number, series in enumerate(sketch.series):
        column = form.get(f"column-{number}", "").strip()
        if column:
            columns[column] = series
            units[column] = form.get(f"unit-{number}", "").strip()
    dimensions = {
        said_name: key
        for number, key in enumerate(sketch.dimensions)
        if (said_name := form.get(f"dimension-{number}", "").strip())
        and key != said["region_column"]
    }
    days = form.get("retention_days", "")
    return replace(
        start,
        **said,
        columns=columns,
        units=units,
        dimensions=dimensions,
        also=tuple(form.get("also", "").replace(",", " ").split()),
        retention_days=int(days) if days.isdigit() else 0,
        published=form.get("published") == "1",
    )
