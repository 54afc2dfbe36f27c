"""The closing lines of the demo: address, accounts, what was done, what to click first."""

from collections.abc import Iterator

from ckanext.sozialdaten.demo._accounts import OPERATOR, PEOPLE
from ckanext.sozialdaten.demo._releasing import Published
from ckanext.sozialdaten.demo.broken import HZE, POPULATION
from ckanext.sozialdaten.demo.pipeline import Result
from ckanext.sozialdaten.messages import Message

__all__ = ["closing_lines"]

_FIRST = (POPULATION, HZE)
_PREVIEWS = {"sozialdaten_map": Message("Map"), "sozialdaten_timeseries": Message("Time series")}


def _accounts(result: Result, language: str) -> Iterator[str]:
    yield Message("Accounts").text(language) + ":"
    parts = {person.name: person.part for person in PEOPLE}
    parts[OPERATOR] = Message("operator")
    for name, part in parts.items():
        yield f"  {name:<10} {result.passwords.get(name, '?'):<42} {part.text(language)}"


def _findings(published: Published, language: str) -> str:
    if not published.findings:
        return Message("no findings").text(language)
    counts = ", ".join(f"{count} {severity}" for severity, count in published.findings.items())
    return Message("findings: {counts}", {"counts": counts}).text(language)


def _done(result: Result, language: str) -> Iterator[str]:
    yield Message("What went through the pipeline").text(language) + ":"
    for published in result.published:
        mine = [d for d in result.delivered if d.source == published.source]
        delivered = Message(
            "{files} files with {rows} rows dropped",
            {"files": len(mine), "rows": sum(d.rows for d in mine)},
        )
        public = Message(
            "release {number}, {rows} rows public",
            {"number": published.release, "rows": published.rows},
        )
        told = "; ".join(
            (delivered.text(language), _findings(published, language), public.text(language))
        )
        yield f"  {published.source}: {told}"


def _first_clicks(result: Result, language: str) -> Iterator[str]:
    yield Message("Look here first").text(language) + ":"
    for published in result.published:
        if published.source not in _FIRST:
            continue
        yield f"  {published.title}: {result.url}/dataset/{published.name}"
        for view_type, label in _PREVIEWS.items():
            if view_type in published.views:
                yield f"    {label.text(language)}: {result.url}{published.views[view_type]}"
    yield f"  {Message('Documents').text(language)}: {result.url}/dokumente"


def closing_lines(result: Result, language: str) -> Iterator[str]:
    """The lines, in ``language`` (``de`` or ``en``)."""
    yield ""
    yield from _first_clicks(result, language)
    yield ""
    yield from _accounts(result, language)
    yield ""
    yield from _done(result, language)
    yield ""
    seconds = round(result.seconds)
    created = len(result.created) + sum(published.new for published in result.published)
    created += len(result.documents) + result.texts
    state = (
        Message("{count} accounts, organisations and releases created", {"count": created})
        if created
        else Message("Everything was there already: nothing was created")
    )
    yield f"{state.text(language)} ({seconds} s)."
    yield Message("The portal answers at {url}", {"url": result.url + "/"}).text(language)
