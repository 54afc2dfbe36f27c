"""The room catalogue."""
