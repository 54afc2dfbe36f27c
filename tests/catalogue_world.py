"""Catalogues on this machine: a CKAN's action API and a DCAT-AP.de catalogue in pages."""

import json
from dataclasses import dataclass, field

from connector_world import Asked, Reply

__all__ = ["Portal", "RdfCatalogue", "dataset", "rdf_dataset"]

BY = "http://dcat-ap.de/def/licenses/dl-by-de/2.0"


def dataset(number: int, url: str = "https://files.example/a.csv", **more: object) -> dict:
    """A dataset with one CSV, as ``package_search`` gives it."""
    resource = {
        "id": f"{number:08d}-0000",
        "url": url.replace("a.csv", f"{number}.csv"),
        "format": "CSV",
        "name": f"Tabelle {number}",
        "last_modified": f"2026-01-{number % 28 + 1:02d}T00:00:00",
    }
    return {
        "id": f"id-{number}",
        "name": f"datensatz-{number}",
        "title": f"Datensatz {number}",
        "metadata_modified": f"2026-01-{number % 28 + 1:02d}T00:00:00",
        "license_id": BY,
        "resources": [{**resource, **more}],
    }


@dataclass
class Portal:
    """``package_search`` with a portal's own limit of rows."""

    datasets: list[dict]
    most: int = 1000
    endless: bool = False
    file: bytes = b"key;value\n01056;1\n"
    seen: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/api/3/action/package_search":
            return Reply(self.file, headers={"ETag": '"1"'})
        self.seen.append({name: values[0] for name, values in asked.query.items()})
        start = 0 if self.endless else int(asked.one("start"))
        rows = min(int(asked.one("rows")), self.most)
        found = self.datasets[start : start + rows]
        result = {"count": len(self.datasets), "results": found}
        return Reply(json.dumps({"success": True, "result": result}).encode())


def rdf_dataset(
    number: int, licence: str = BY, url: str = "https://files.example", **_: str
) -> str:
    return f"""
  <dcat:dataset><dcat:Dataset rdf:about="https://a.example/dataset/d{number}">
    <dct:title xml:lang="de">Datensatz {number}</dct:title>
    <dct:identifier>d{number}</dct:identifier>
    <dct:modified rdf:datatype="http://www.w3.org/2001/XMLSchema#dateTime">2026-01-0{number}T00:00:00</dct:modified>
    <dcat:distribution><dcat:Distribution rdf:about="https://a.example/dataset/d{number}/r{number}">
      <dct:license rdf:resource="{licence}"/>
      <dct:format rdf:resource="http://publications.europa.eu/resource/authority/file-type/CSV"/>
      <dcat:accessURL rdf:resource="{url}/page/{number}"/>
      <dcat:downloadURL rdf:resource="{url}/{number}.csv"/>
    </dcat:Distribution></dcat:distribution>
  </dcat:Dataset></dcat:dataset>"""


@dataclass
class RdfCatalogue:
    """Pages of RDF/XML, each a list of datasets as text, linked by Hydra."""

    pages: list[list[str]]
    url: str = ""
    circle: bool = False

    def __call__(self, asked: Asked) -> Reply:
        number = int(asked.one("page", "1"))
        following = 1 if self.circle else number + 1
        link = ""
        if self.circle or number < len(self.pages):
            link = f"<hydra:nextPage>{self.url}/catalog.rdf?page={following}</hydra:nextPage>"
        text = f"""<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:dcat="http://www.w3.org/ns/dcat#" xmlns:dct="http://purl.org/dc/terms/"
  xmlns:hydra="http://www.w3.org/ns/hydra/core#"
  xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <dcat:Catalog rdf:about="https://a.example">{"".join(self.pages[number - 1])}
 </dcat:Catalog>
 <hydra:PagedCollection rdf:about="{self.url}/?page={number}">{link}</hydra:PagedCollection>
</rdf:RDF>"""
        return Reply(text.encode(), headers={"Content-Type": "application/rdf+xml"})
