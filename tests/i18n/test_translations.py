"""Every text of the user interface exists in German."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ckanext-sozialdaten/ckanext/sozialdaten"
CATALOGUE = PACKAGE / "i18n/de/LC_MESSAGES/ckanext-sozialdaten.po"
FOLDERS = (PACKAGE, ROOT / "harvesters")
KEYWORDS = {**DEFAULT_KEYWORDS, "Message": None}
PLACE = re.compile(r"%\((\w+)\)|\{(\w+)\}")


def _german() -> dict[str, str]:
    with CATALOGUE.open("rb") as stream:
        return {
            _first(message.id): _first(message.string) for message in read_po(stream) if message.id
        }


def _first(text: str | list[str] | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _texts() -> Iterator[tuple[Path, str]]:
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            method = {".py": "python", ".html": "ckan.lib.extract:extract_ckan"}.get(path.suffix)
            if method is None:
                continue
            for _line, text, _comments, _context in extract(
                method, BytesIO(path.read_bytes()), keywords=KEYWORDS, options={}
            ):
                yield path, _first(text)


def test_every_text_of_templates_and_code_has_a_german_translation() -> None:
    german = _german()
    missing = sorted(
        {f"{path.relative_to(ROOT)}: {text}" for path, text in _texts() if not german.get(text)}
    )
    assert missing == []


def test_translations_keep_the_places_for_parameters() -> None:
    broken = [
        text
        for text, translation in _german().items()
        if set(PLACE.findall(text)) != set(PLACE.findall(translation))
    ]
    assert broken == []


def test_no_text_is_translated_twice() -> None:
    ids = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text("utf-8"), re.MULTILINE)
    assert sorted(text for text in set(ids) if ids.count(text) > 1) == []
