"""An audit as one HTML page that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import cast

from ckanext.sozialdaten.disclosure.audit._report import Audit, Json
from ckanext.sozialdaten.messages import Message

__all__ = ["as_html"]

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem;color:#1a1a1a}
h1,h2,h3{line-height:1.2}table{border-collapse:collapse;width:100%;margin:1rem 0}
caption{text-align:left;font-weight:bold;padding:.3rem 0}
th,td{border:1px solid #767676;padding:.4rem .6rem;text-align:left;vertical-align:top}
th{background:#f0f0f0}.unsafe,.block{color:#a30000;font-weight:bold}.safe{color:#005a1c}
.warn{color:#7a4100}a{color:#004b91}
@media print{a{color:inherit}}
"""
_VERDICTS = {
    "safe": Message("safe"),
    "unsafe": Message("unsafe"),
    "unreadable": Message("not readable"),
}
_SEVERITIES = {
    "block": Message("blocks"),
    "warn": Message("warning"),
    "info": Message("information"),
}


def as_html(audit: Audit, language: str, title: str) -> str:
    """The page.

    Args:
        audit: what was found.
        language: ``de`` or ``en``.
        title: what was audited.
    """

    def say(message: Message) -> str:
        return escape(message.text(language))

    heading = say(Message("Audit of {title}", {"title": title}))
    verdict = _VERDICTS[audit.verdict].text(language)
    unsafe = sum(1 for table in audit.tables if table.verdict == "unsafe")
    counts = Message(
        "{tables} tables, {unsafe} of them unsafe by themselves; {leaks} findings on "
        "combinations of publications.",
        {"tables": len(audit.tables), "unsafe": unsafe, "leaks": len(audit.leaks)},
    )
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{heading}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{heading}</h1>",
        f'<p class="{audit.verdict}">{say(Message("Result"))}: {escape(verdict)} '
        f"({escape(audit.policy)})</p><p>{say(counts)}</p>",
        f"<h2>{say(Message('What to do first'))}</h2>",
        _steps(audit, language),
        f"<h2>{say(Message('What publications give away together'))}</h2>",
        _findings(audit.leaks, language, Message("Combinations")),
        f"<h2>{say(Message('Each dataset'))}</h2>",
        _datasets(audit, language),
        f"<h2>{say(Message('What could not be compared'))}</h2>",
        _findings(audit.incomparable, language, Message("Tables and reasons")),
        "</main></body></html>",
    ]
    return "\n".join(parts)


def _row(cells: Iterable[str], kind: str = "td") -> str:
    scope = ' scope="col"' if kind == "th" else ""
    return "<tr>" + "".join(f"<{kind}{scope}>{cell}</{kind}>" for cell in cells) + "</tr>"


def _text(finding: Json, key: str, language: str) -> str:
    texts = cast("Mapping[str, str]", finding.get(key) or {})
    return escape(texts.get(language, ""))


def _findings(findings: Iterable[Json], language: str, caption: Message) -> str:
    rows: list[str] = []
    for finding in findings:
        severity = str(finding["severity"])
        tables = cast("list[str]", finding.get("tables") or [])
        mark = escape(_SEVERITIES[severity].text(language))
        rows.append(
            _row(
                (
                    f'<span class="{severity}">{mark}</span>',
                    "<br>".join(escape(table) for table in tables),
                    _text(finding, "message", language),
                    _text(finding, "remedy", language),
                )
            )
        )
    if not rows:
        return f"<p>{escape(Message('Nothing.').text(language))}</p>"
    names = (Message("Weight"), Message("Tables"), Message("Finding"), Message("Remedy"))
    head = _row((escape(name.text(language)) for name in names), "th")
    title = escape(caption.text(language))
    body = "".join(rows)
    return f"<table><caption>{title}</caption><thead>{head}</thead><tbody>{body}</tbody></table>"


def _steps(audit: Audit, language: str) -> str:
    """What to do, the worst first, each with the tables it is about."""
    titles = {table.dataset: table.title or table.dataset for table in audit.tables}
    items: list[str] = []
    for step in audit.first:
        names = escape(", ".join(titles.get(name, name) for name in step.datasets))
        files = "".join(f"<li>{escape(name)}</li>" for name in step.files)
        text = escape(step.message.text(language))
        items.append(f"<li><strong>{names}</strong>: {text}<ul>{files}</ul></li>")
    if not items:
        return f"<p>{escape(Message('Nothing.').text(language))}</p>"
    return f"<ol>{''.join(items)}</ol>"


def _datasets(audit: Audit, language: str) -> str:
    parts: list[str] = []
    for name, members in audit.datasets().items():
        title = escape(members[0].title or name)
        url = members[0].url
        shown = f'<a href="{escape(url)}">{title}</a>' if url.startswith("http") else title
        parts.append(f"<h3>{shown}</h3>")
        for table in members:
            verdict = escape(_VERDICTS[table.verdict].text(language))
            reason = escape(table.error.get(language, ""))
            parts.append(
                f'<p>{escape(table.file)}: <span class="{table.verdict}">{verdict}</span> '
                f"{reason}</p>"
            )
            if table.findings:
                parts.append(_findings(table.findings, language, Message("Findings")))
    return "\n".join(parts)
