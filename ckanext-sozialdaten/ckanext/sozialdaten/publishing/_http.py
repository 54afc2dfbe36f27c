"""Ring 4: what a signed-in person sees is kept by no cache; who only looks changes nothing."""

from typing import Any

from ckan.common import current_user
from flask import Response, request

__all__ = ["keep_private", "only_look"]

_STATIC = ("/webassets/", "/base/", "/vendor/")
# ckanext-harvest removes a dataset, clears or harvests a source when its address is only looked at:
# a picture on a foreign page could make staff do so. Its own pages post a form.
_POST_ALONE = frozenset({"harvester.clear", "harvester.delete", "harvester.refresh"})


def only_look() -> Response | None:
    """The refusal of an address that would write although nothing was sent, or None."""
    if request.endpoint in _POST_ALONE and request.method != "POST":
        return Response(status=405, headers={"Allow": "POST"})
    return None


def keep_private(response: Any) -> Any:
    """Forbid caches to keep an answer to a signed-in person or to a token.

    Anonymous visitors only ever get what is public, so that their answers keep CKAN's headers.
    """
    if request.path.startswith(_STATIC):
        return response
    signed_in = bool(request.headers.get("Authorization")) or current_user.is_authenticated
    if signed_in or response.status_code >= 400:
        response.headers["Cache-Control"] = "private, no-store"
        response.headers.pop("Expires", None)
    return response
