"""The harvesters inside CKAN: thin adapters of ckanext-harvest, actions, command line."""
