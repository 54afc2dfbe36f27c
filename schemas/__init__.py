"""Data, not code: dataset schema, layouts, sources, policies, code lists."""
