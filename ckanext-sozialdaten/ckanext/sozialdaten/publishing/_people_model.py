"""The tables of people: who wrote, who said what, who decides in whose place and for how long."""

import datetime as dt

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.sozialdaten.publishing.model import Base, one

__all__ = ["Candidacy", "Comment", "Deputy", "Editor", "Publisher", "Standing"]

_Time = sa.DateTime(timezone=True)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Editor(Base):
    """Somebody wrote a working copy. Rows are only added."""

    __tablename__ = "sozialdaten_editor"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    working_copy_id: Mapped[str]
    user_id: Mapped[str]
    edited_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)


class Comment(Base):
    """What somebody wrote about a working copy, for its staff and for reviewers alone."""

    __tablename__ = "sozialdaten_comment"
    id: Mapped[str] = mapped_column(primary_key=True)
    working_copy_id: Mapped[str]
    user_id: Mapped[str]
    body: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)


class Candidacy(Base):
    """Somebody shall become a reviewer; a second person confirms or drops it."""

    __tablename__ = "sozialdaten_reviewer_proposal"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)
    closed_by: Mapped[str | None]
    closed_at: Mapped[dt.datetime | None] = mapped_column(_Time)

    @classmethod
    def open_for(cls, user_id: str) -> "Candidacy | None":
        """The open proposal for a candidate, locked until the commit."""
        found = sa.select(cls).where(cls.user_id == user_id, cls.closed_at.is_(None))
        return one(found, lock=True)


class Deputy(Base):
    """A reviewer who is told what another reviewer would be told, from a day to a day."""

    __tablename__ = "sozialdaten_deputy"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    deputy_id: Mapped[str]
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date]
    named_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)

    @classmethod
    def on(cls, day: dt.date) -> list["Deputy"]:
        """Who stands in for whom on a day."""
        found = sa.select(cls).where(cls.first_day <= day, cls.last_day >= day)
        return list(model.Session.scalars(found.order_by(cls.last_day)))


class Publisher(Base):
    """Who publishes, as a third person, what reviewers approve for an organisation."""

    __tablename__ = "sozialdaten_publisher"
    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str]
    user_id: Mapped[str]
    named_by: Mapped[str]
    named_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)
    ended_by: Mapped[str | None]
    ended_at: Mapped[dt.datetime | None] = mapped_column(_Time)

    @classmethod
    def of(cls, organisation_id: str | None) -> list["Publisher"]:
        """The publishers of an organisation; with none of them it wants no third person."""
        found = sa.select(cls).where(cls.organisation_id == organisation_id, cls.ended_at.is_(None))
        return list(model.Session.scalars(found.order_by(cls.named_at)))


class Standing(Base):
    """A reviewer's approval of a source of open official statistics."""

    __tablename__ = "sozialdaten_standing"
    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    working_copy_id: Mapped[str]
    reviewer_id: Mapped[str]
    policy: Mapped[str]
    definition: Mapped[str]
    layouts: Mapped[str]
    reason: Mapped[str]
    granted_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)
    expires_at: Mapped[dt.datetime] = mapped_column(_Time)
    ended_at: Mapped[dt.datetime | None] = mapped_column(_Time)
    ended_by: Mapped[str | None]
    ended_because: Mapped[str | None]

    @classmethod
    def get(cls, standing_id: str, *, lock: bool = False) -> "Standing | None":
        """A standing approval by its id."""
        return one(sa.select(cls).where(cls.id == standing_id), lock=lock)

    @classmethod
    def active(cls, source: str) -> "Standing | None":
        """The standing approval of a source that has not ended."""
        return one(sa.select(cls).where(cls.source == source, cls.ended_at.is_(None)))
