"""Ways to make a table safe, each as a candidate that check and attack judge afterwards."""

from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method

__all__ = ["Candidate", "Method"]
