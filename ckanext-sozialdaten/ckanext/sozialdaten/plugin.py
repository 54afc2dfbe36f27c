"""The base plugin: configuration and translations. Each room brings a plugin of its own."""

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation

__all__ = ["SozialdatenPlugin"]


@tk.blanket.config_declarations
class SozialdatenPlugin(p.SingletonPlugin, DefaultTranslation):
    """Declares the options of all rooms and brings the message catalogue."""

    p.implements(p.ITranslation)
