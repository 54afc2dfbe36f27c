"""The fictitious Kreis Musterland: its deliveries, and the pipeline that publishes them.

``generate`` writes deliveries in the exact formats of the real sources, the same bytes for the same
seed. ``pipeline`` takes them through the running portal by its public interfaces only.
"""
