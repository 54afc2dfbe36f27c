"""The room disclosure."""
