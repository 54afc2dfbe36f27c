"""The configset: CKAN's schema with our additions, word lists as data."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from portal_cli import solr
from portal_cli.console import PortalError
from portal_cli.solr import SolrServer, merged_schema
from portal_cli.state import State

SCHEMA = """<schema name="ckan-9.9"><types><fieldType name="text" class="A"/></types>
<fields><field name="title" type="text"/></fields>
<copyField source="title" dest="text"/></schema>"""
ADDITIONS = """<additions><types><fieldType name="text_de" class="B"/></types>
<fields><field name="title" type="text_de"/><field name="extra" type="text_de"/></fields>
<copies><copyField source="title" dest="extra"/></copies></additions>"""


def test_additions_come_on_top_and_replace_what_has_their_name() -> None:
    merged = ElementTree.fromstring(merged_schema(SCHEMA, ADDITIONS))
    assert merged.get("name") == "ckan-9.9"
    assert [e.get("name") for e in merged.findall("types/fieldType")] == ["text", "text_de"]
    fields = {e.get("name"): e.get("type") for e in merged.findall("fields/field")}
    assert fields == {"title": "text_de", "extra": "text_de"}
    assert len(merged.findall("copyField")) == 2


def test_a_schema_of_another_shape_is_an_error() -> None:
    with pytest.raises(PortalError, match="types"):
        merged_schema("<schema/>", ADDITIONS)


@pytest.fixture
def server(state: State) -> SolrServer:
    place = state.venv / "lib/python3.11/site-packages/ckan/config/solr"
    place.mkdir(parents=True)
    (place / "schema.xml").write_text(SCHEMA, encoding="utf-8")
    return SolrServer(state, 20004, "password")


def test_both_cores_share_one_configset(server: SolrServer) -> None:
    server.prepare()
    for core in ("ckan", "ckan_test"):
        text = (server.home / core / "core.properties").read_text(encoding="utf-8")
        assert f"name={core}\n" in text
        assert "configSet=ckan\n" in text


def test_word_lists_belong_to_the_configset(
    server: SolrServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terms = tmp_path / "terms"
    terms.mkdir()
    monkeypatch.setattr(solr, "TERMS", terms)
    before = server.prepare()
    (terms / "synonyms_de.txt").write_text("kita, kindertageseinrichtung\n", encoding="utf-8")
    after = server.prepare()
    kept = server.home / "configsets/ckan/conf/synonyms_de.txt"
    assert after != before
    assert kept.is_file()
    (terms / "synonyms_de.txt").unlink()
    assert server.prepare() == before
    assert not kept.exists()


def test_the_password_file_is_kept_while_it_fits(server: SolrServer, state: State) -> None:
    server.prepare()
    path = server.home / "security.json"
    first = path.read_text(encoding="utf-8")
    server.prepare()
    assert path.read_text(encoding="utf-8") == first
    assert "password" not in first.replace("blockUnknown", "")
    SolrServer(state, 20004, "another").prepare()
    assert path.read_text(encoding="utf-8") != first
