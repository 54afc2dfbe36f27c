The portal stands: deployment in one command, dataset schema, two harvesters, the lake, the first gate with review and release, map and time-series previews, and the fictitious Kreis Musterland.
