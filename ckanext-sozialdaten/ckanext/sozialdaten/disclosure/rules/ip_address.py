"""IP and MAC addresses; section numbers, dates, versions and grouped digits are none."""

import ipaddress
import re

from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_GROUPED = re.compile(r"^\d{1,3}(\.\d{3})+$")
_LOW = 20
_MAC = re.compile(r"^[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){5})$")


def _address(candidate: str) -> bool:
    if _MAC.match(candidate):
        return len(set(re.split("[:-]", candidate))) > 2
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return False
    if address.version == 4:
        parts = [int(part) for part in candidate.split(".")]
        return max(parts) >= _LOW and parts[0] > 0 and not _GROUPED.match(candidate)
    return candidate.count(":") >= 3 and len(candidate) > 6


RULE = Detector(
    id="identifier-ip-address",
    title=Message("IP addresses"),
    in_column="The column {column} holds IP addresses ({rows} rows).",
    outside=Message("An IP address stands outside the table."),
    topic="ip",
    pattern=re.compile(
        r"(?<![\w.:-])(?:[0-9a-fA-F]{2}(?:(?::[0-9a-fA-F]{2}){5}|(?:-[0-9a-fA-F]{2}){5})"
        r"|(?<!version )(?<!Version )(?<!Release )(?:\d{1,3}\.){3}\d{1,3}"
        r"|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4})(?![\w:-]|\.\d)"
    ),
    valid=_address,
    quiet=re.compile(
        r"version|release|gliederung|kapitel|abschnitt|ziffer|position|code", re.IGNORECASE
    ),
).rule()
