"""The page of a region: its figures, their place among those of its like, the areas inside it."""

from ckanext.sozialdaten.portal.region._profile import Profile, profile_of

__all__ = ["Profile", "profile_of"]
