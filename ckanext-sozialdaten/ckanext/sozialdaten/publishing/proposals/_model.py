"""The table of texts that staff write for the public, and what others see of a row."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.sozialdaten.publishing.model import Base, one

__all__ = ["Proposal", "Row", "State", "lock", "newest_standing", "rows_of", "writers"]

_Time = sa.DateTime(timezone=True)


class State(StrEnum):
    """How far a version has come.

    ``draft`` is written, ``submitted`` waits for a reviewer and never changes again, ``replaced``
    was overtaken by a newer submission, ``dropped`` was given up before a decision, ``retired`` was
    approved once and is shown no longer.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPLACED = "replaced"
    DROPPED = "dropped"
    RETIRED = "retired"


class Row(Base):
    """A version of a text. Ring 0 lets it change only as long as it is a draft."""

    __tablename__ = "sozialdaten_proposal"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    version: Mapped[int]
    organisation: Mapped[str]
    body: Mapped[str]
    digest: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.DRAFT.value)
    author: Mapped[str]
    writers: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    saved_at: Mapped[dt.datetime] = mapped_column(_Time)
    submitted_by: Mapped[str | None]
    submitted_at: Mapped[dt.datetime | None] = mapped_column(_Time)
    reviewer: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None] = mapped_column(_Time)
    reason: Mapped[str | None]
    retired_by: Mapped[str | None]
    retired_at: Mapped[dt.datetime | None] = mapped_column(_Time)
    retired_because: Mapped[str | None]

    @classmethod
    def get(cls, proposal_id: str, *, lock: bool = False) -> "Row | None":
        """A version by its id."""
        return one(sa.select(cls).where(cls.id == proposal_id), lock=lock)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A version of a text that staff write for the public.

    Args:
        id: names this version.
        kind: what the text is, a name of a registered kind.
        key: names the text among those of its kind; all its versions share it.
        version: 1 for the first one.
        organisation: id of the organisation that writes it.
        body: the text.
        state: how far it has come.
        digest: SHA-256 of the text in UTF-8.
        author: who saved it last; the name that people know.
        saved: when.
        submitted: when it was submitted, if it was.
        reviewer: who decided, if somebody did.
        decided: when.
        reason: why.
    """

    id: str
    kind: str
    key: str
    version: int
    organisation: str
    body: str
    state: State
    digest: str
    author: str
    saved: dt.datetime
    submitted: dt.datetime | None
    reviewer: str | None
    decided: dt.datetime | None
    reason: str | None


def lock(kind: str, key: str) -> None:
    """Let writers of one text pass one by one until the commit."""
    query = sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))")
    model.Session.execute(query, {"name": f"sozialdaten_proposal {kind} {key}"})


def rows_of(kind: str, key: str) -> list[Row]:
    """All versions of a text, the newest first."""
    query = sa.select(Row).where(Row.kind == kind, Row.key == key)
    fresh = query.order_by(Row.version.desc()).execution_options(populate_existing=True)
    return list(model.Session.scalars(fresh))


def newest_standing(kind: str) -> list[Row]:
    """The approved versions that the public sees, one for each key, ordered by key.

    The newest version that ever was approved decides: once it is retired, no older one returns.
    """
    newest = (
        sa.select(Row)
        .where(Row.kind == kind, Row.state.in_((State.APPROVED, State.RETIRED)))
        .distinct(Row.key)
        .order_by(Row.key, Row.version.desc())
    )
    return [row for row in model.Session.scalars(newest) if row.state == State.APPROVED]


def writers(row: Row) -> set[str]:
    """The ids of all accounts that wrote a text since its last approved version."""
    found = {*row.writers}
    for earlier in rows_of(row.kind, row.key):
        if earlier.version >= row.version:
            continue
        if earlier.state in (State.APPROVED, State.RETIRED):
            break
        found |= {*earlier.writers}
    return found
