"""The fictitious Kreis Musterland."""
