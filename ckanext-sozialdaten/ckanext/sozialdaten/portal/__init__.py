"""The room portal."""
