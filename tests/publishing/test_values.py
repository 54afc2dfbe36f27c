"""What a person's cell holds is repeated nowhere, least of all where it does not fit."""

import pytest
from gate_office import LAYOUT, TABLE, Office

NAME = "Mustermann"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2023-12-31", NAME),
        ("datetime", "2023-12-31T12:00:00", NAME),
        ("boolean", "true", NAME),
        ("integer", "12", "9" * 30),
        ("year", "2023", "99999999999"),
        ("number", "12,5", "1e999999"),
    ],
)
def test_a_cell_that_no_column_holds_is_found_before_the_database_sees_it(
    office: Office, kind: str, good: str, bad: str
) -> None:
    field = f'{{"name": "zusatz", "type": "{kind}", "role": "dimension"}}'
    layout = LAYOUT.replace("]}", f", {field}]}}")
    header, *rows = TABLE.decode().splitlines()
    lines = [f"{header};zusatz", *(f"{row};{good}" for row in rows)]
    fine = office.working_copy("\n".join(lines).encode(), layout)
    found = office.world.call("sozialdaten_check", office.editor, id=fine["id"])
    assert "unreadable" not in str(found["findings"])
    lines[-1] = f"{rows[-1]};{bad}"
    wrong = office.working_copy("\n".join(lines).encode(), layout)
    found = office.world.call("sozialdaten_check", office.editor, id=wrong["id"])
    assert found["verdict"] == "unsafe"
    assert found["findings"][-1]["column"] == "zusatz"
    assert bad not in str(found)
