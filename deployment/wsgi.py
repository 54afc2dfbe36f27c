"""The portal as a WSGI application, for gunicorn.

Loaded once, before the workers are forked: they share what never changes. No connection is shared,
and the collector of garbage leaves the shared objects alone.
"""

import gc
import os
from logging.config import fileConfig

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckanext.datastore.backend.postgres import _dispose_engines

_ini = os.environ["CKAN_INI"]
fileConfig(_ini, disable_existing_loggers=False)
application = make_app(CKANConfigLoader(_ini).get_config())
model.Session.remove()
model.ensure_engine().dispose()
_dispose_engines()
gc.collect()
gc.freeze()
