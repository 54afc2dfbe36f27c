"""What can go wrong between a source and the lake.

::

    HarvestError
    ├── SourceError            the YAML of a source is wrong
    ├── PathRefused            a file lies where none may be read from, or is no plain file
    ├── KeyMissing             the pseudonymisation key is absent or too weak
    ├── DeliveryError          something is wrong in a delivery, at a :class:`Place`
    │   ├── EmptyDelivery      no bytes, or a header without rows
    │   ├── TooLarge           more bytes than the source allows
    │   ├── NotReadable        not the format that was declared
    │   ├── WrongEncoding      neither UTF-8 nor Windows-1252
    │   ├── MissingColumn      a column of the layout is not there
    │   ├── BadNumber          a number in another locale, or none at all
    │   ├── BadDate            not a date of the layout's format
    │   ├── BadCode            not in the code list
    │   ├── MissingValue       a required cell is empty
    │   ├── UnknownRegionKey   a key that the register does not know
    │   ├── DuplicateKey       two rows with the same primary key
    │   ├── FooterMismatch     the file says another number of records than it holds
    │   ├── OtherUnit          a unit that the source does not expect
    │   ├── UnknownSign        a quality sign that the source's legend does not know
    │   ├── OutsideGroups      a person to whom no group applies
    │   └── Doubt              readable, but unlike the deliveries before: a person decides
    │       ├── ColumnsChanged     columns came, went, or changed places
    │       ├── FewerRows          many fewer rows than before
    │       ├── ValuesJump         many figures far from what was known
    │       ├── NegativeFigures    below zero where nothing ever was
    │       ├── NewSign            a sign that the source never used
    │       └── SumsBroken         totals that are not the sum of their parts
    └── DeliveryRefused        all problems of one delivery together

No error quotes a cell of a delivery about persons: file, row and column lead a clerk to it.
"""

# ruff: noqa: N818 - an error is named after the finding that a clerk reads
from collections.abc import Sequence

from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "BadCode",
    "BadDate",
    "BadNumber",
    "ColumnsChanged",
    "DeliveryError",
    "DeliveryRefused",
    "Doubt",
    "DuplicateKey",
    "EmptyDelivery",
    "FewerRows",
    "FooterMismatch",
    "HarvestError",
    "KeyMissing",
    "MissingColumn",
    "MissingValue",
    "NegativeFigures",
    "NewSign",
    "NotReadable",
    "OtherUnit",
    "OutsideGroups",
    "PathRefused",
    "SourceError",
    "SumsBroken",
    "TooLarge",
    "UnknownRegionKey",
    "UnknownSign",
    "ValuesJump",
    "WrongEncoding",
]


class HarvestError(SozialdatenError):
    """The base of all errors of this room."""

    code = "harvest"


class SourceError(HarvestError):
    """The YAML of a source does not say what it must, or says what nobody understands."""

    code = "source"


class PathRefused(HarvestError):
    """A path leads outside the folder of its source, or to something that is no plain file."""

    code = "path_refused"


class KeyMissing(HarvestError):
    """Person-level rows cannot be pseudonymised: no key, or a weak one."""

    code = "key_missing"


class DeliveryError(HarvestError):
    """Something is wrong in a delivery. Such a file is refused; nothing of it is stored."""

    code = "delivery"


class EmptyDelivery(DeliveryError):
    """A file without bytes, or with a header and no rows."""

    code = "empty_delivery"


class TooLarge(DeliveryError):
    """More bytes than the source allows, packed or unpacked."""

    code = "too_large"


class NotReadable(DeliveryError):
    """Not the declared format."""

    code = "not_readable"


class WrongEncoding(DeliveryError):
    """Bytes that are neither UTF-8 nor Windows-1252, or NUL bytes in a text."""

    code = "wrong_encoding"


class MissingColumn(DeliveryError):
    """A column of the layout is absent."""

    code = "missing_column"


class BadNumber(DeliveryError):
    """Not a number as the layout writes them."""

    code = "bad_number"


class BadDate(DeliveryError):
    """Not a date as the layout writes them."""

    code = "bad_date"


class BadCode(DeliveryError):
    """A code outside the code list of its column."""

    code = "bad_code"


class MissingValue(DeliveryError):
    """A cell is empty that must not be."""

    code = "missing_value"


class UnknownRegionKey(DeliveryError):
    """A regional key that the register does not know, or of another level than declared."""

    code = "unknown_region"


class DuplicateKey(DeliveryError):
    """Two rows with the same primary key."""

    code = "duplicate_key"


class FooterMismatch(DeliveryError):
    """The count in the footer differs from the rows of the file, or the footer is absent."""

    code = "footer_mismatch"


class OtherUnit(DeliveryError):
    """A column is in another unit than the source says."""

    code = "other_unit"


class UnknownSign(DeliveryError):
    """A cell that is neither a number nor a sign of the source's legend."""

    code = "unknown_sign"


class OutsideGroups(DeliveryError):
    """A person whose age lies outside all groups of the rule."""

    code = "outside_groups"


class Doubt(DeliveryError):
    """A delivery can be read but is unlike the ones before. It waits until a person decides."""

    code = "doubt"


class ColumnsChanged(Doubt):
    """Columns came, went, or changed places."""

    code = "columns_changed"


class FewerRows(Doubt):
    """Many fewer rows than the last delivery had."""

    code = "fewer_rows"


class ValuesJump(Doubt):
    """Many figures are far from what was known."""

    code = "values_jump"


class NegativeFigures(Doubt):
    """Figures below zero in a source that never had one."""

    code = "negative_figures"


class NewSign(Doubt):
    """A sign in place of figures that the source never used."""

    code = "new_sign"


class SumsBroken(Doubt):
    """Totals that are not the sum of their parts."""

    code = "sums_broken"


class DeliveryRefused(DeliveryError):
    """All problems found in one delivery (the reader stops at a limit).

    Args:
        file: name of the delivery.
        problems: at least one, in the order of the file.
        more: whether the reader stopped looking at the limit.
    """

    code = "delivery_refused"

    def __init__(self, file: str, problems: Sequence[DeliveryError], more: bool = False) -> None:
        self.problems = tuple(problems)
        self.more = more
        super().__init__(
            Message("The delivery was refused: {count} problems.", {"count": len(self.problems)})
            if len(self.problems) > 1
            else Message("The delivery was refused: one problem."),
            Message("Correct the file in its own system and deliver it again; nothing was stored."),
            Place(file=file),
        )
