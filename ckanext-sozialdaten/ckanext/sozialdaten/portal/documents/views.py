"""Routes of the documents: the list, a document to read, its pages as pictures."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect

from ckanext.sozialdaten.disclosure import UnreadableFileError
from ckanext.sozialdaten.portal.documents import _cache
from ckanext.sozialdaten.portal.documents._files import files_of, has_document
from ckanext.sozialdaten.portal.documents._listing import stock_of
from ckanext.sozialdaten.portal.documents._reading import WIDTHS, reading_of
from ckanext.sozialdaten.portal.documents._searching import found

__all__ = ["blueprint"]

blueprint = Blueprint("sozialdaten_documents", __name__)


@blueprint.route("/dokumente")
def index() -> str:
    """All documents by field of action and kind, or those that hold the reader's words."""
    query = tk.request.args
    text = " ".join(query.get("q", "").split())[:200]
    chosen = {name: query.get(name, "") for name in ("art", "thema", "jahr")}
    shown = {
        "query": text,
        "hits": found(text),
        "chosen": chosen,
        "stock": stock_of(chosen["art"], chosen["thema"], chosen["jahr"]),
    }
    return tk.render("sozialdaten/documents/index.html", shown)


@blueprint.route("/dokumente/<name>")
def show(name: str) -> Any:
    """The short address of a document."""
    return redirect(tk.h.url_for("sozialdaten_documents.read", name=name))


@blueprint.route("/dokumente/<name>/lesen")
def read(name: str) -> Any:
    """One page of a document."""
    reading = reading_of(_package(name), tk.request.args)
    if reading is None:
        return tk.abort(404)
    return tk.render("sozialdaten/documents/read.html", {"reading": reading})


@blueprint.route("/dokumente/<name>/<resource>/<digest>/<int:page>-<int:width>.webp")
def picture(name: str, resource: str, digest: str, page: int, width: int) -> Any:
    """A page as a picture; only in the widths that pages ask for."""
    if width not in WIDTHS:
        return tk.abort(404)
    for file in files_of(_package(name)):
        if file.resource == resource and file.digest.startswith(digest) and len(digest) == 12:
            try:
                image = _cache.picture_of(file, page, width)
            except UnreadableFileError:
                return tk.abort(404)
            answer = Response(image, content_type="image/webp")
            answer.headers["ETag"] = f'"{file.digest[:12]}-{page}-{width}"'
            return answer
    return tk.abort(404)


def _package(name: str) -> dict[str, Any]:
    """A document that the reader may see; for everybody else it is not there."""
    context: Any = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    try:
        package: dict[str, Any] = tk.get_action("package_show")(context, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return tk.abort(404)
    if not has_document(package):
        return tk.abort(404)
    return package
