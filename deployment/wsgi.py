"""The portal as a WSGI application, for gunicorn.

Loaded once, before the workers are forked: they share what never changes. No connection is shared,
and the collector of garbage leaves the shared objects alone.

What the first page of a worker would load stands here too, for all of them: the libraries of the
lake and the templates. Nothing of it is used yet, for threads do not survive a fork.
"""

import gc
import importlib
import os
from logging.config import fileConfig

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from ckanext.datastore.backend.postgres import _dispose_engines

_ini = os.environ["CKAN_INI"]
fileConfig(_ini, disable_existing_loggers=False)
application = make_app(CKANConfigLoader(_ini).get_config())
for _name in ("duckdb", "ibis.backends.duckdb", "pyarrow.dataset", "pyiceberg.catalog.sql"):
    importlib.import_module(_name)
_templates = application.jinja_env
for _name in _templates.list_templates(filter_func=lambda name: name.startswith("sozialdaten/")):
    _templates.get_template(_name)
model.Session.remove()
model.ensure_engine().dispose()
_dispose_engines()
gc.collect()
gc.freeze()
