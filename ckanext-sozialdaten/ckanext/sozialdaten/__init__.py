"""Sozialdaten: the open-data portal for German municipal social data."""
