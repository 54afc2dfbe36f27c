"""The figures that everybody may see now: nothing of a withdrawn release, erased or not yet."""

from flask import g, has_request_context

from ckanext.sozialdaten.publishing.indicators import public_figures

__all__ = ["figures_token", "public_figures"]


def figures_token() -> str:
    """What changes with the figures and their definitions; asked once for each request."""
    if not has_request_context():
        return public_figures().token()
    if "sozialdaten_token" not in g:
        g.sozialdaten_token = public_figures().token()
    return str(g.sozialdaten_token)
