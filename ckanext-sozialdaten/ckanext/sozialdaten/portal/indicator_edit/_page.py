"""The page of the form: what was sent, what is wrong with it, what it would show."""

from dataclasses import dataclass, replace

from ckanext.sozialdaten.portal.indicator_edit._draft import RATIOS, Draft, InputDraft, PartDraft
from ckanext.sozialdaten.portal.indicator_edit._preview import Preview, preview_of
from ckanext.sozialdaten.portal.indicator_edit._reading import MOST
from ckanext.sozialdaten.portal.indicator_edit._verdict import Verdict

__all__ = ["Page", "changed"]

_LEAST = 2


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows.

    Args:
        draft: the form; None where only YAML can say it.
        verdict: what is wrong, and the YAML.
        fresh: whether nobody has written anything yet, so that nothing is wrong either.
        refusal: why it could not be saved.
    """

    draft: Draft | None
    verdict: Verdict
    fresh: bool = False
    refusal: str = ""

    def preview(self) -> Preview | None:
        """The figures, where the definition can be computed."""
        meant = self.verdict.indicator
        return None if meant is None else preview_of(meant)

    def refused(self, reason: str) -> "Page":
        """The same page with the reason why it could not be saved."""
        return replace(self, refusal=reason)


def changed(draft: Draft, action: str) -> Draft:
    """The form with a place more or less, as its buttons ask for; and with as many as it needs."""
    inputs, parts = list(draft.inputs), list(draft.parts)
    name, _, number = action.partition("-")
    if name == "mehr" and len(inputs) < MOST:
        inputs.append(InputDraft(side=number or "over"))
    if name == "weniger" and number.isdigit() and int(number) < len(inputs) > 1:
        del inputs[int(number)]
    if name == "teil" and len(parts) < MOST:
        parts.append(PartDraft())
    if name == "ohne" and number.isdigit() and int(number) < len(parts) > _LEAST:
        del parts[int(number)]
    if draft.kind in RATIOS and all(item.side == "over" for item in inputs):
        inputs.append(InputDraft(side="under"))
    if draft.kind == "value":
        inputs = inputs[:1]
    if draft.kind in ("sum", "difference", "product") and len(inputs) < _LEAST:
        inputs.append(InputDraft())
    return replace(draft, inputs=tuple(inputs), parts=tuple(parts))
