"""The page that writes a source: from a sample file, an address or a whole catalogue.

Whatever takes long is a job (:mod:`samples`); between the steps the page waits for it at an
address of its own. The description is written only once exactly it has been tried.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.harvesters.ckan import samples
from ckanext.sozialdaten.harvesters.ckan.answers import answers_of
from ckanext.sozialdaten.harvesters.ckan.samples import Sample
from ckanext.sozialdaten.harvesters.core.catalogue_sketch import KINDS, catalogue_answers
from ckanext.sozialdaten.harvesters.core.describing import checked, keep

__all__ = ["page"]

_PAGE = "sozialdaten/sources/new.html"
_CATALOGUE_PAGE = "sozialdaten/sources/new_catalogue.html"
_WAITING_PAGE = "sozialdaten/sources/new_waiting.html"


def page() -> Any:
    """All steps: the sample, the questions, the trial, and the finished description."""
    offices = _offices()
    if not offices:
        return tk.abort(403, tk._("Administrators of an organisation describe new sources."))
    if tk.request.method == "POST":
        return _taken(offices)
    sample = samples.find(tk.request.args.get("muster", ""), tk.g.user)
    if sample is None:
        return tk.render(_PAGE, {"step": "sample", "problems": []})
    state = sample.state
    if state.get("waiting"):
        shown = {"running": True, "waiting": state["waiting"], "token": sample.token}
        return tk.render(_WAITING_PAGE, shown)
    return _questions(sample, state, offices)


def _taken(offices: dict[str, str]) -> Any:
    """Keep what the form says, queue what follows, and go to where its outcome will be."""
    form = tk.request.form
    said = {key: value for key, value in form.items() if not key.startswith("_")}
    said |= {"user": tk.g.user, "owner_org": _office(form.get("owner_org", ""), offices)}
    sample = samples.find(form.get("token", ""), tk.g.user) or samples.begin()
    if said.get("catalogue") not in KINDS:
        said.pop("catalogue", None)
        upload = tk.request.files.get("sample")
        if sample.file is None and upload is not None and upload.filename:
            name = Path(upload.filename.replace("\\", "/")).name[:120].lstrip(".") or "datei"
            with (sample.folder / "file" / name).open("wb") as stream:
                stream.write(upload.stream.read(samples.MOST_BYTES))
    if not (sample.file or said.get("address", "").strip()):
        sample.erase()
        return tk.render(_PAGE, {"step": "sample", "problems": [], "missing": True})
    tested = sample.state.get("yaml")
    if said.get("catalogue") and said.get("step") == "sample":
        sample.write("said", said)
        sample.write("state", {"problems": []})
    elif said.get("step") == "keep" and tested and _fits(sample):
        sample.write("said", said)
        if sample.description() == tested:
            return _kept(sample, tested)
        _queued(sample, said | {"step": "try"})
    else:
        _queued(sample, said)
    return tk.redirect_to("sozialdaten_sources.new", muster=sample.token)


def _fits(sample: Sample) -> bool:
    return bool(sample.state.get("found"))


def _queued(sample: Sample, said: Mapping[str, str]) -> None:
    if not sample.ask(said):
        tk.h.flash_error(
            tk._("The sample could not be read: the queue does not answer. Try again later.")
        )


def _kept(sample: Sample, text: str) -> Any:
    """Write the description that was tried, and register it in the visitor's name."""
    try:
        source = checked(text)
        keep(text)
    except SozialdatenError as error:
        sample.write("state", {"problems": samples.problems_of(error), "yaml": text})
        return tk.redirect_to("sozialdaten_sources.new", muster=sample.token)
    sample.erase()
    context: Any = {"user": tk.g.user, "auth_user_obj": tk.g.userobj}
    tk.get_action("sozialdaten_source_create")(context, {"id": source.id})
    tk.h.flash_success(tk._("The source is described and registered. Try it with a dry run."))
    return tk.redirect_to("sozialdaten_sources.show", name=source.id)


def _questions(sample: Sample, state: dict[str, Any], offices: dict[str, str]) -> Any:
    said, sketch = sample.said, sample.sketch
    shown: dict[str, Any] = {
        "step": "questions", "offices": offices, "token": sample.token,
        "address": said.get("address", ""), "problems": state.get("problems", []),
        "found": state.get("found", {}), "yaml": state.get("yaml", ""), "bases": _bases(),
    }  # fmt: skip
    if said.get("catalogue"):
        return tk.render(_CATALOGUE_PAGE, shown | {"answers": catalogue_answers(said)})
    if sketch is None or sample.file is None:
        return tk.render(_PAGE, shown | {"step": "sample"})
    shown |= {
        "sketch": sketch, "answers": answers_of(said, sketch, sample.file.name),
        "named": [(name, name) for name in sketch.dimensions],
    }  # fmt: skip
    return tk.render(_PAGE, shown)


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


def _office(named: str, offices: dict[str, str]) -> str:
    return named if named in offices else next(iter(offices))
