"""Home and legal pages: German and English, light, and honest about what nobody has configured."""

import re

import pytest
from ckan.common import config
from ckan_world import World

LEGAL = {
    "/barrierefreiheit": ("Erklärung zur Barrierefreiheit", "Accessibility statement"),
    "/datenschutz": ("Datenschutz", "Data protection"),
    "/impressum": ("Impressum", "Imprint"),
}


@pytest.mark.parametrize("path", LEGAL)
def test_legal_pages_exist_in_german_and_english(world: World, path: str) -> None:
    for language, heading in zip(("de", "en"), LEGAL[path], strict=True):
        answer = world.page(path, language=language)
        assert answer.status_code == 200
        assert f"<h1>{heading}</h1>" in answer.body


def test_the_imprint_says_that_the_operator_is_not_stated(world: World) -> None:
    assert "vom Betreiber noch nicht angegeben" in world.page("/impressum", language="de").body


def test_the_imprint_names_the_configured_operator(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "ckanext.sozialdaten.portal.operator", "Kreis Musterland")
    assert "<dd>Kreis Musterland</dd>" in world.page("/impressum").body


def test_the_home_page_offers_search_topics_and_no_script_of_ckan(world: World) -> None:
    body = world.page("/", language="de").body
    assert 'name="q"' in body
    assert "Kinder- und Jugendhilfe" in body
    assert re.findall(r"<script", body) == []


def test_every_page_links_to_the_legal_pages(world: World) -> None:
    for path in ("/", "/dataset/", "/impressum"):
        body = world.page(path).body
        assert all(f'href="{address}"' in body for address in LEGAL)


def test_no_page_links_to_social_networks(world: World) -> None:
    body = world.page("/dataset/").body
    assert "x.com" not in body
    assert "facebook" not in body


def test_a_region_page_lists_the_datasets_that_reach_its_level(world: World) -> None:
    staff = world.account()
    organisation = world.organisation(editor=staff)
    for title, level in (("Pflege vor Ort", "gemeinde"), ("Pflege im Kreis", "kreis")):
        world.dataset(
            staff, organisation, private=True, title=title, regions=["99001"], spatial_level=level
        )
    body = world.page("/gebiete/99001001", staff, "de").body
    assert "<h1>Musterstadt</h1>" in body
    assert "Amtlicher Schlüssel 99001001" in body
    strangers = world.page("/gebiete/99001001", language="de").body
    assert "Für dieses Gebiet gibt es noch keine Zahlen." in strangers
    assert "Pflege vor Ort" not in strangers


@pytest.mark.parametrize(
    "path", ["/gebiete/99001999", "/gebiete/<b>", "/gebiete?gebiet=", "/gebiete"]
)
def test_a_region_that_no_register_knows_has_no_page(world: World, path: str) -> None:
    assert world.page(path).status_code == 404


def test_the_about_page_speaks_of_this_portal(world: World) -> None:
    body = world.page("/about", language="de").body
    assert "Wie eine Zahl hierher kommt" in body
    assert "data.gov.uk" not in body


def test_the_operators_colours_and_logo_are_on_every_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "farben.css" not in world.page("/").body
    monkeypatch.setitem(config, "ckanext.sozialdaten.portal.colour_accent", "#7a1020")
    monkeypatch.setitem(config, "ckanext.sozialdaten.portal.logo", "/uploads/admin/wappen.svg")
    body = world.page("/").body
    address = re.search(r'href="([^"]*/farben\.css\?v=[0-9a-f]+)"', body)
    assert address
    assert "--sd-accent:#7a1020" in world.app.get(address[1]).body
    assert '<img class="sd-logo" src="/uploads/admin/wappen.svg"' in body


def test_a_logo_of_another_host_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("https://elsewhere.example/a.svg", "//elsewhere.example/a.svg"):
        monkeypatch.setitem(config, "ckanext.sozialdaten.portal.logo", address)
        assert "elsewhere.example" not in world.page("/").body


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/leichte-sprache", "Das Portal in Leichter Sprache"),
        ("/barriere-melden", "Barriere melden"),
    ],
)
def test_plain_language_and_the_report_of_barriers_are_linked_everywhere(
    world: World, path: str, heading: str
) -> None:
    assert f"<h1>{heading}</h1>" in world.page(path, language="de").body
    assert f'href="/de{path}' in world.page("/dataset/", language="de").body


def test_the_report_of_a_barrier_names_the_page_and_no_other_site(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "ckanext.sozialdaten.portal.email", "hilfe@kreis.example")
    body = world.page("/barriere-melden?seite=/gebiete/99001001", language="de").body
    assert "mailto:hilfe@kreis.example?subject=" in body
    assert "/gebiete/99001001" in body
    other = world.page("/barriere-melden?seite=//evil.example", language="de").body
    assert "<dt>Seite</dt>" not in other
