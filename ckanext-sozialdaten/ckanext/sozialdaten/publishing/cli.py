"""``ckan sozialdaten``: the reviewer role and the self-check of the gate."""

import datetime as dt

import click
import sqlalchemy as sa
from ckan import model

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.publishing import _self_check
from ckanext.sozialdaten.publishing._writers import mailbox
from ckanext.sozialdaten.publishing.errors import SelfCheckError
from ckanext.sozialdaten.publishing.model import Reviewer

__all__ = ["sozialdaten"]


@click.group()
def sozialdaten() -> None:
    """The publishing gate."""


@sozialdaten.group()
def reviewer() -> None:
    """Who may approve releases."""


def _user(name: str) -> model.User:
    user = model.User.get(name)
    if user is None or user.state != "active":
        raise click.ClickException(f"There is no active account {name}.")
    return user


@reviewer.command()
@click.argument("user")
@click.option("--by", "grantors", multiple=True, required=True, help="Who grants; give it twice.")
def grant(user: str, grantors: tuple[str, ...]) -> None:
    """Make USER the first reviewer. Two other people grant the role.

    Whoever holds the command line can name anybody. Where there is a reviewer, two people grant the
    role signed in as themselves, on the page /pruefung/rollen.
    """
    granted = _user(user)
    people = [_user(name) for name in grantors]
    addresses = {mailbox(person) for person in (granted, *people)}
    ids = {person.id for person in (granted, *people)}
    if len(people) != 2 or len(ids) != 3 or len(addresses) != 3:
        raise click.ClickException(
            "Two people grant the role, neither of them the reviewer, each with an e-mail address"
            " of their own: --by A --by B."
        )
    if Reviewer.current(granted.id):
        click.echo(f"{granted.name} is a reviewer already.")
        return
    if model.Session.scalar(sa.select(sa.func.count()).where(Reviewer.revoked_at.is_(None))):
        raise click.ClickException(
            "The command line names the first reviewer alone. Two people grant the role to further"
            " ones, signed in, on the page /pruefung/rollen."
        )
    model.Session.add(
        Reviewer(user_id=granted.id, granted_by=people[0].id, confirmed_by=people[1].id)
    )
    model.Session.commit()
    click.echo(f"{granted.name} is a reviewer.")


@reviewer.command()
@click.argument("user")
@click.option("--by", "actor", required=True, help="Who takes the role away.")
def revoke(user: str, actor: str) -> None:
    """Take the role of a reviewer away from USER. One person suffices."""
    found = model.User.get(user)
    current = Reviewer.current(found.id) if found else None
    if current is None:
        raise click.ClickException(f"{user} is no reviewer.")
    current.revoked_by = _user(actor).id
    current.revoked_at = dt.datetime.now(dt.UTC)
    model.Session.commit()
    click.echo(f"{user} is no reviewer any more.")


@reviewer.command("list")
def list_reviewers() -> None:
    """All reviewers, and who granted the role."""
    query = sa.select(Reviewer).where(Reviewer.revoked_at.is_(None))
    for row in model.Session.execute(query).scalars():
        names = [
            user.name if (user := model.User.get(user_id)) else user_id
            for user_id in (row.user_id, row.granted_by, row.confirmed_by)
        ]
        click.echo(f"{names[0]}\tgranted by {names[1]} and {names[2]}, {row.granted_at:%Y-%m-%d}")


@sozialdaten.command("self-check")
def self_check() -> None:
    """Exit 0 if every ring of the gate stands, else 1 with what is missing."""
    try:
        _self_check.run()
    except SelfCheckError as error:
        raise click.ClickException(error.text()) from error
    click.echo("Every ring of the gate stands.")


@sozialdaten.command("verify")
def verify_releases() -> None:
    """Exit 0 if every release, its files and its public dataset are as approved, else 1."""
    from ckanext.sozialdaten.publishing._recording import links, verify_all

    problems = verify_all()
    for problem in problems:
        click.echo(f"{problem.link}: {problem.message}")
    if problems:
        raise click.ClickException(f"{len(problems)} problems")
    click.echo(f"{len(links())} releases hold.")


@sozialdaten.command()
def sweep() -> None:
    """Put right what a crash left behind in storage, DataStore, search index and lake."""
    from ckanext.sozialdaten.publishing import _sweep

    try:
        swept = _sweep.sweep()
    except SozialdatenError as error:
        raise click.ClickException(error.text()) from error
    click.echo(
        f"Removed {swept.files} files and {swept.tables} tables; corrected {swept.indexed} datasets"
        f" in the index and {swept.lake} releases in the lake."
    )
