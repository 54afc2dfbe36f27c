"""The office of the gate's tests: everybody that a release needs."""

import io
from dataclasses import dataclass
from typing import Any

import pytest
from ckan import model
from ckan_world import Account, World

from ckanext.sozialdaten.publishing.model import Reviewer

__all__ = ["LAYOUT", "TABLE", "Office", "new_office", "office"]

TABLE = (
    "gemeinde;jahr;faelle\n"
    + "".join(
        f"990010{n:02d};{year};{n * 7 + year % 50}\n" for n in range(1, 6) for year in (2022, 2023)
    )
).encode()
LAYOUT = (
    '{"fields": [{"name": "gemeinde", "type": "string", "role": "region"},'
    ' {"name": "jahr", "type": "year", "role": "time"},'
    ' {"name": "faelle", "type": "integer", "role": "count", "unit": "Anzahl"}]}'
)


@dataclass
class Office:
    """An organisation with an editor, a member, a reviewer from elsewhere, and a stranger."""

    world: World
    editor: Account
    member: Account
    admin: Account
    reviewer: Account
    stranger: Account
    sysadmin: Account
    organisation: dict[str, Any]

    def working_copy(
        self, table: bytes = TABLE, layout: str = LAYOUT, **fields: Any
    ) -> dict[str, Any]:
        """A working copy with one table, written as the pages write it."""
        dataset = self.world.dataset(self.editor, self.organisation, **fields)
        self.add_table(dataset["id"], table, layout)
        return self.show(dataset["id"])

    def add_table(
        self, package_id: str, table: bytes = TABLE, layout: str = LAYOUT
    ) -> dict[str, Any]:
        """A further file."""
        return self.world.call(
            "resource_create",
            self.editor,
            package_id=package_id,
            name="Fälle",
            format="CSV",
            layout=layout,
            upload=(io.BytesIO(table), "faelle.csv"),
        )

    def show(self, package_id: str) -> dict[str, Any]:
        """The dataset as its editor sees it."""
        return self.world.call("package_show", self.editor, id=package_id)

    def submit(self, package_id: str, account: Account | None = None) -> dict[str, Any]:
        """Submit a working copy."""
        return self.world.call(
            "sozialdaten_submit",
            account or self.editor,
            id=package_id,
            purpose="Sozialberichterstattung",
            legal_basis=["sgb10-75", "sgb8-64"],
            policy="amtliche-statistik-3",
        )

    def approve(self, submission: dict[str, Any], account: Account | None = None) -> dict[str, Any]:
        """Approve a submission."""
        return self.world.call(
            "sozialdaten_review_approve",
            account or self.reviewer,
            id=submission["id"],
            reason="Befunde durchgesehen.",
        )

    def release(self, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A released dataset and its release."""
        copy = self.working_copy(**fields)
        release = self.approve(self.submit(copy["id"]))
        return self.world.call("package_show", id=release["dataset_id"]), release

    def appoint(self, account: Account) -> None:
        """Give an account the reviewer role."""
        row = Reviewer(user_id=account.id, granted_by=self.sysadmin.id, confirmed_by=self.admin.id)
        model.Session.add(row)
        model.Session.commit()


def new_office(world: World) -> Office:
    """Everybody that a release needs, in an empty portal."""
    editor, member, admin = world.account(), world.account(), world.account()
    office = Office(
        world=world,
        editor=editor,
        member=member,
        admin=admin,
        reviewer=world.account(),
        stranger=world.account(),
        sysadmin=world.account(sysadmin=True),
        organisation=world.organisation(editor=editor, member=member, admin=admin),
    )
    office.appoint(office.reviewer)
    return office


@pytest.fixture
def office(world: World) -> Office:
    """An office with everybody that a release needs."""
    return new_office(world)
