"""Ring 4: what a signed-in person sees is kept by no cache."""

from typing import Any

from ckan.common import current_user
from flask import request

__all__ = ["keep_private"]

_STATIC = ("/webassets/", "/base/", "/vendor/")


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
