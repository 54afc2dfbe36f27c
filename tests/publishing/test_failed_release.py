"""A release that fails leaves nothing; an index that is out undoes none."""

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from gate_office import Office

from ckanext.sozialdaten.publishing.model import Release


@pytest.mark.parametrize("step", ["_write_dataset", "_release_row", "_next_number"], ids=str)
def test_a_release_that_fails_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    from ckanext.sozialdaten.publishing import _release, _store

    copy = office.working_copy(name="hilfen")
    submission = office.submit(copy["id"])
    original = getattr(_release, step)

    def failing(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(_release, step, failing)
    context = {"user": office.reviewer.name}
    with pytest.raises(OSError, match="no space"):
        tk.get_action("sozialdaten_review_approve")(
            context, {"id": submission["id"], "reason": "Gut."}
        )
    model.Session.remove()
    assert model.Session.query(Release).count() == 0
    assert model.Session.query(model.Package).filter_by(private=False).count() == 0
    assert office.world.call("package_search", q="*:*")["count"] == 0
    assert office.show(copy["id"])["name"] == "hilfen"
    kept = [path for path in _store._root().rglob("*") if path.is_file()]
    assert [path for path in kept if path.name.startswith(".")] == []
    assert _tables_of_datastore() == []
    monkeypatch.undo()
    assert office.approve(submission)["number"] == 1


def _tables_of_datastore() -> list[str]:
    from ckanext.datastore.backend.postgres import get_write_engine

    live = {resource.id for resource in model.Session.query(model.Resource)}
    names = sa.inspect(get_write_engine()).get_table_names()
    return [name for name in names if name in live]


def test_an_index_that_does_not_answer_does_not_undo_a_release(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ckan.lib import search

    submission = office.submit(office.working_copy()["id"])

    def down(*_args: Any, **_kwargs: Any) -> None:
        raise search.SearchIndexError("Solr is down")

    monkeypatch.setattr(search, "rebuild", down)
    release = office.approve(submission)
    assert office.world.call("package_show", id=release["dataset_id"])["private"] is False
