"""What a rule is: an id, a title, a page in ``schemas/rules``, a function to findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ckanext.sozialdaten.disclosure._model import Finding
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.messages import Message

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Args:
        id: its name in findings; ``schemas/rules/<id>.md`` explains it.
        title: what it looks for.
        find: the rule itself.
    """

    id: str
    title: Message
    find: Callable[[Subject], Iterable[Finding]]

    @property
    def page(self) -> str:
        """Path of its documentation in the repository."""
        return f"schemas/rules/{self.id}.md"
