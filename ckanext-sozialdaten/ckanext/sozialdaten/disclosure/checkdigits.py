"""Check digits of German personal numbers that no library on our list knows, or knows only in part.

Sources: Verordnung über die Versicherungsnummer (VKVV) § 2 for the RVNR; Richtlinie nach § 290
SGB V (GKV-Spitzenverband) for the KVNR; python-stdnum for the Steuer-ID; schwifty for IBANs.
"""

import re
from typing import Any, cast

__all__ = ["is_document", "is_iban", "is_kvnr", "is_rvnr", "is_steuer_id"]

_RVNR_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_DOCUMENT_WEIGHTS = (7, 3, 1)
_KVNR_WEIGHTS = (1, 2, 1, 2, 1, 2, 1, 2, 1, 2)


def _letter(letter: str) -> str:
    return f"{ord(letter) - ord('A') + 1:02d}"


def _digit_sum(number: int) -> int:
    return sum(int(digit) for digit in str(number))


def is_rvnr(text: str) -> bool:
    """Whether a text is a Rentenversicherungsnummer (also the Sozialversicherungsnummer).

    Area (2 digits), birth date (DDMMYY; the day may be 32 to 63 where numbers ran out), first
    letter
    of the birth name, serial (2 digits), check digit: sum of digit sums of weighted digits modulo
    10.

    >>> is_rvnr("15070649C103"), is_rvnr("15070649C104")
    (True, False)
    """
    bare = re.sub(r"[\s/.-]", "", text).upper()
    if not re.fullmatch(r"\d{8}[A-Z]\d{3}", bare):
        return False
    day, month = int(bare[2:4]), int(bare[4:6])
    if not (1 <= day <= 63 and 1 <= month <= 12):
        return False
    digits = bare[:8] + _letter(bare[8]) + bare[9:11]
    total = sum(
        _digit_sum(int(digit) * weight) for digit, weight in zip(digits, _RVNR_WEIGHTS, strict=True)
    )
    return total % 10 == int(bare[11])


def is_kvnr(text: str) -> bool:
    """Whether a text is the fixed part of a Krankenversichertennummer: letter and nine digits.

    >>> is_kvnr("A123456780"), is_kvnr("A123456781")
    (True, False)
    """
    bare = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]\d{9}", bare):
        return False
    digits = _letter(bare[0]) + bare[1:9]
    total = sum(
        _digit_sum(int(digit) * weight) for digit, weight in zip(digits, _KVNR_WEIGHTS, strict=True)
    )
    return total % 10 == int(bare[9])


def is_document(text: str) -> bool:
    """Whether a text is the number of an identity card or passport with its check digit.

    Nine characters, letters as 10 to 35, weighted with 7, 3, 1; the sum modulo 10 (ICAO Doc 9303
    part 3). A ``D`` for the nationality may follow.

    >>> is_document("T220001293"), is_document("L01X00T471"), is_document("T220001294")
    (True, True, False)
    """
    bare = re.sub(r"\s", "", text).upper()
    found = re.fullmatch(r"([A-Z0-9]{9})(\d)D?", bare)
    if not found:
        return False
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(found.group(1), _DOCUMENT_WEIGHTS * 3, strict=True)
    )
    return total % 10 == int(found.group(2))


def is_steuer_id(text: str) -> bool:
    """Whether a text is a Steuer-Identifikationsnummer.

    >>> is_steuer_id("36 574 261 809"), is_steuer_id("36574261890")
    (True, False)
    """
    from stdnum.de import idnr

    return bool(cast("Any", idnr).is_valid(re.sub(r"[\s/-]", "", text)))


def is_iban(text: str) -> bool:
    """Whether a text is an IBAN of any country, with its country's length and format.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88370400440532013000")
    (True, False)
    """
    # \s holds no-break blanks as well
    from schwifty import IBAN

    return IBAN(re.sub(r"[\s.-]", "", text).upper(), allow_invalid=True).is_valid
