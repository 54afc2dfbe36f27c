"""Staff write indicators: a form, the YAML beside it, a preview, and the way to the reviewer."""

from ckanext.sozialdaten.portal.indicator_edit._kind import indicator_kind

__all__ = ["indicator_kind"]
