"""Deliveries on their way into the lake, CKAN-free: discover, fetch, read, aggregate, plan, store.

``Run`` leads one source through all steps; ``load_source`` reads what ``schemas/sources`` says.
"""

from ckanext.sozialdaten.harvesters.core.errors import DeliveryError, DeliveryRefused, HarvestError
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source

__all__ = ["DeliveryError", "DeliveryRefused", "HarvestError", "Run", "Source", "load_source"]
