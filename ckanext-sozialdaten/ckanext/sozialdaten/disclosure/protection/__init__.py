"""Ways to make a table safe, each as a candidate that check and attack judge afterwards.

``_suppressing``, ``recoding``, ``_noisy`` (rounding, Cell Key Method) make candidates, ``_judge``
asks check and attack, ``_loss`` says what was lost, ``_menu`` puts them side by side.
"""

from ckanext.sozialdaten.disclosure.protection._candidate import Candidate, Method

__all__ = ["Candidate", "Method"]
