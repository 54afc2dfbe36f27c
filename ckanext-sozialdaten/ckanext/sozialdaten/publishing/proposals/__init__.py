"""Texts that staff write for the public: proposed by one person, approved by another.

Own indicators, goals and measures of a report, frozen editions: a room above says by
:class:`IProposalKinds` what it is, how to check it and where it is read. The rules are those of
releases: the text stands still from its submission on, a reviewer who wrote none of it decides, and
nothing else is ever read by the public.
"""

from ckanext.sozialdaten.publishing.proposals._kinds import IProposalKinds, Kind, kinds
from ckanext.sozialdaten.publishing.proposals._model import Proposal, State
from ckanext.sozialdaten.publishing.proposals._reading import listed, versions
from ckanext.sozialdaten.publishing.proposals._work import (
    approve,
    approved,
    approved_versions,
    is_taken,
    reject,
    retire,
    save,
    submit,
)

__all__ = [
    "IProposalKinds",
    "Kind",
    "Proposal",
    "State",
    "approve",
    "approved",
    "approved_versions",
    "is_taken",
    "kinds",
    "listed",
    "reject",
    "retire",
    "save",
    "submit",
    "versions",
]
