"""The tables of the gate.

They live in a metadata of their own: CKAN's ``clean`` and test fixtures delete every row of the
tables they know, and releases are never deleted. No foreign key points to a table of CKAN's core.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from ckan import model
from flask import g, has_request_context
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "OPEN_STATES",
    "Base",
    "Check",
    "Dataset",
    "Release",
    "ReleasedFile",
    "Reviewer",
    "Submission",
    "Withdrawal",
    "is_released",
    "latest_release",
    "live_dataset_ids",
    "lock_releases",
    "one",
]

_Time = sa.DateTime(timezone=True)
OPEN_STATES = ("pending", "cleared")  # cleared: approved, and a third person publishes


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Base(DeclarativeBase):
    """Base of the gate's tables."""

    type_annotation_map = {dict[str, Any]: JSONB}  # noqa: RUF012 - SQLAlchemy reads the class attribute


class Dataset(Base):
    """Which working copy belongs to which released dataset and to which source."""

    __tablename__ = "sozialdaten_dataset"
    working_copy_id: Mapped[str] = mapped_column(primary_key=True)
    released_id: Mapped[str | None]
    source: Mapped[str | None]
    content: Mapped[str | None]
    policy: Mapped[str | None]
    definition: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)

    @classmethod
    def of_working_copy(cls, package_id: str, *, lock: bool = False) -> "Dataset | None":
        """The row of a working copy; ``lock`` keeps others from writing it until the commit."""
        return one(sa.select(cls).where(cls.working_copy_id == package_id), lock=lock)

    @classmethod
    def of_released(cls, package_id: str) -> "Dataset | None":
        """The row of a released dataset."""
        return one(sa.select(cls).where(cls.released_id == package_id))

    @classmethod
    def of_source(cls, source: str) -> "Dataset | None":
        """The row of the working copy that a source writes, locked until the commit."""
        return one(sa.select(cls).where(cls.source == source), lock=True)


class Submission(Base):
    """A working copy as somebody submitted it, and what a reviewer decided."""

    __tablename__ = "sozialdaten_submission"
    id: Mapped[str] = mapped_column(primary_key=True)
    dataset_id: Mapped[str]
    fingerprint: Mapped[str]
    policy: Mapped[str]
    purpose: Mapped[str]
    legal_basis: Mapped[str]
    report: Mapped[dict[str, Any]]
    submitted_by: Mapped[str]
    submitted_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)
    state: Mapped[str] = mapped_column(default="pending")
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None] = mapped_column(_Time)
    reason: Mapped[str | None]

    @classmethod
    def get(cls, submission_id: str, *, lock: bool = False) -> "Submission | None":
        """A submission by its id."""
        return one(sa.select(cls).where(cls.id == submission_id), lock=lock)

    @classmethod
    def pending(cls, package_id: str, *, lock: bool = False) -> "Submission | None":
        """The submission of a working copy that is neither released nor sent back yet."""
        found = sa.select(cls).where(cls.dataset_id == package_id, cls.state.in_(OPEN_STATES))
        return one(found, lock=lock)

    @classmethod
    def newest(cls, package_id: str) -> "Submission | None":
        """The newest submission of a working copy, decided or not."""
        found = sa.select(cls).where(cls.dataset_id == package_id)
        return one(found.order_by(cls.submitted_at.desc()).limit(1))


class Release(Base):
    """An approved state, frozen. Rows are only added; each holds the hash of the one before."""

    __tablename__ = "sozialdaten_release"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str]
    dataset_id: Mapped[str]
    working_copy_id: Mapped[str]
    number: Mapped[int]
    submission_id: Mapped[str]
    fingerprint: Mapped[str]
    dataset_fingerprint: Mapped[str]
    record: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
    submitted_by: Mapped[str]
    approved_by: Mapped[str]
    released_at: Mapped[dt.datetime] = mapped_column(_Time)

    @classmethod
    def get(cls, release_id: str) -> "Release | None":
        """A release by its id."""
        return one(sa.select(cls).where(cls.id == release_id))

    @property
    def withdrawal(self) -> "Withdrawal | None":
        """The withdrawal of this release, if it was withdrawn."""
        return one(sa.select(Withdrawal).where(Withdrawal.release_id == self.id))


class Withdrawal(Base):
    """A release that is no longer shown, and why."""

    __tablename__ = "sozialdaten_withdrawal"
    release_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    public_reason: Mapped[str] = mapped_column(default="")
    withdrawn_by: Mapped[str]
    withdrawn_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)


class ReleasedFile(Base):
    """The bytes that a released resource serves, by their content address."""

    __tablename__ = "sozialdaten_file"
    resource_id: Mapped[str] = mapped_column(primary_key=True)
    release_id: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    filename: Mapped[str]

    @classmethod
    def get(cls, resource_id: str) -> "ReleasedFile | None":
        """The file of a released resource."""
        return one(sa.select(cls).where(cls.resource_id == resource_id))


class Reviewer(Base):
    """Who may approve. Two other people grant the role."""

    __tablename__ = "sozialdaten_reviewer"
    user_id: Mapped[str] = mapped_column(primary_key=True)
    granted_by: Mapped[str]
    confirmed_by: Mapped[str]
    granted_at: Mapped[dt.datetime] = mapped_column(_Time, primary_key=True, default=_now)
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[dt.datetime | None] = mapped_column(_Time)

    @classmethod
    def current(cls, user_id: str) -> "Reviewer | None":
        """The role of a user, if it was granted and not revoked."""
        return one(sa.select(cls).where(cls.user_id == user_id, cls.revoked_at.is_(None)))


class Check(Base):
    """The findings on a state of a working copy under a policy."""

    __tablename__ = "sozialdaten_check"
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    report: Mapped[dict[str, Any] | None]
    updated_at: Mapped[dt.datetime] = mapped_column(_Time, default=_now)

    @classmethod
    def get(cls, fingerprint: str, policy: str) -> "Check | None":
        """The stored findings."""
        return one(sa.select(cls).where(cls.fingerprint == fingerprint, cls.policy == policy))


def one(query: Any, *, lock: bool = False) -> Any:
    """The one row of ``query`` or None; ``lock`` also re-reads what another transaction wrote."""
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return model.Session.execute(query).scalar_one_or_none()


def latest_release(dataset_id: str) -> Release | None:
    """The newest release of a released dataset unless that one is withdrawn."""
    query = sa.select(Release).where(Release.dataset_id == dataset_id)
    release: Release | None = one(query.order_by(Release.number.desc()).limit(1))
    return None if release is None or release.withdrawal else release


def is_released(package_id: str) -> bool:
    """Whether the dataset was ever written by a release: nobody else may write it then."""
    return Dataset.of_released(package_id) is not None


def live_dataset_ids() -> set[str]:
    """The ids of all datasets whose newest release is not withdrawn."""
    query = sa.text(
        "SELECT dataset_id FROM (SELECT DISTINCT ON (dataset_id) dataset_id, id"
        " FROM sozialdaten_release ORDER BY dataset_id, number DESC) newest"
        " WHERE NOT EXISTS (SELECT 1 FROM sozialdaten_withdrawal w WHERE w.release_id = newest.id)"
    )
    return set(model.Session.execute(query).scalars())


def withdrawn_releases() -> frozenset[str]:
    """The ids of all withdrawn releases, asked once for each request."""
    if has_request_context() and "sozialdaten_withdrawn" in g:
        return g.sozialdaten_withdrawn
    found = frozenset(model.Session.execute(sa.select(Withdrawal.release_id)).scalars())
    if has_request_context():
        g.sozialdaten_withdrawn = found
    return found


def lock_releases() -> None:
    """Let releases and withdrawals pass one by one until the commit.

    The chain of hashes needs an order, and bytes that two releases share need one owner at a time.
    """
    model.Session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('sozialdaten_release'))"))
