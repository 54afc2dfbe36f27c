"""A working copy is judged beside everything that is public already."""

from typing import Any

from gate_office import TABLE, Office

ROWS = TABLE.decode().splitlines()


def table(**changes: int) -> bytes:
    """The table with other figures for some Gemeinden in 2023."""
    lines = [ROWS[0]]
    for row in ROWS[1:]:
        region, year, count = row.split(";")
        if year == "2023" and f"m{region}" in changes:
            count = str(changes[f"m{region}"])
        lines.append(f"{region};{year};{count}")
    return ("\n".join(lines) + "\n").encode()


def checked(office: Office, copy: dict[str, Any], content: bytes) -> dict[str, Any]:
    for resource in copy["resources"]:
        office.world.call("resource_delete", office.editor, id=resource["id"])
    office.add_table(copy["id"], content)
    return office.world.call("sozialdaten_check", office.editor, id=copy["id"])


def test_a_correction_by_one_person_shows_beside_the_last_release(office: Office) -> None:
    _, release = office.release(name="hilfen")
    copy = office.show("hilfen-arbeitsfassung")
    near = checked(office, copy, table(m99001002=38))
    assert near["verdict"] == "unsafe"
    found = next(one for one in near["findings"] if one["rule"] == "release-difference")
    assert "hilfen 1 (" in found["message"]["de"]
    assert near["engine"]["considered"] == [release["id"]]
    far = checked(office, office.show(copy["id"]), table(m99001002=90))
    assert far["verdict"] == "safe"


def test_a_release_that_comes_meanwhile_is_looked_at(office: Office) -> None:
    copy = office.working_copy(name="zweite")
    first = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert first["engine"]["considered"] == []
    _, release = office.release(name="erste", table=table(m99001001=80))
    again = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert again["fingerprint"] == first["fingerprint"]
    assert again["engine"]["considered"] == [release["id"]]


def test_two_files_of_one_working_copy_are_judged_together(office: Office) -> None:
    copy = office.working_copy(name="hilfen")
    office.add_table(copy["id"], table(m99001002=38))
    told = office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert told["verdict"] == "unsafe"
    assert {one["rule"] for one in told["findings"]} == {"release-difference"}
