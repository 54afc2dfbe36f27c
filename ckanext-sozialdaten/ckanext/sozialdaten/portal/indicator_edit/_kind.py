"""Indicators as a kind of text that two people have to agree on."""

from collections.abc import Sequence

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.indicator_edit._verdict import problems
from ckanext.sozialdaten.publishing.indicators import KIND, renew_figures
from ckanext.sozialdaten.publishing.proposals import Kind

__all__ = ["indicator_kind"]


def indicator_kind() -> Kind:
    """Definitions in YAML; once approved they stand in the catalogue beside the shipped ones."""
    return Kind(
        name=KIND,
        title=Message("Indicator"),
        validate=_validate,
        render=str.splitlines,
        address=_address,
        on_change=renew_figures,
        preview=_preview,
    )


def _validate(body: str) -> Sequence[Message]:
    return [message for problem in problems(body)[1] for message in problem.messages]


def _address(key: str) -> str:
    return tk.h.url_for("sozialdaten_indicator.show", indicator=key)


def _preview(proposal_id: str) -> str:
    return tk.h.url_for("sozialdaten_indicator_edit.preview", proposal_id=proposal_id)
