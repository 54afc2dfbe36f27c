"""The command line ``deployment/portal``: installs, starts, stops and tests the portal.

Standard library only: it runs before anything is installed.
"""
