"""Harvesters: connectors and readers. core/ knows no CKAN, ckan/ is the thin adapter."""
