"""What can go wrong between a remote source and its delivery.

::

    HarvestError
    ├── Unchanged            nothing is newer than what was fetched last: no failure
    └── FetchError           nothing was brought, nothing has changed
        ├── CredentialMissing    the environment lacks a variable that the YAML names
        ├── AddressRefused       a private network, a host that is not listed, plain HTTP after TLS
        │   └── HostKeyRefused       the server is not the one that the source knows
        ├── Unreachable          no such host, nobody answers, the certificate is not trusted
        ├── TookTooLong          the time for the whole fetch is over
        ├── Busy                 overload or maintenance, also after several tries
        ├── LoginRefused         wrong or missing login; never tried again by itself
        ├── NotThere             the address or table does not exist (any more)
        ├── NoData               the service answered, but with no data: never "all rows are gone"
        ├── WrongAnswer          something else than was asked for, or cut off
        └── ServiceRefused       the service says no, in its own words

``transient`` says whether trying again later may help without anybody doing anything.
"""

# ruff: noqa: N818 - an error is named after what a clerk reads
from ckanext.sozialdaten.harvesters.core.errors import HarvestError

__all__ = [
    "AddressRefused",
    "Busy",
    "CredentialMissing",
    "FetchError",
    "HostKeyRefused",
    "LoginRefused",
    "NoData",
    "NotThere",
    "ServiceRefused",
    "TookTooLong",
    "Unchanged",
    "Unreachable",
    "WrongAnswer",
]


class Unchanged(HarvestError):
    """The source says that nothing is newer than what was fetched last."""

    code = "unchanged"


class FetchError(HarvestError):
    """The base of all failures to bring a delivery."""

    code = "fetch"
    transient = False


class CredentialMissing(FetchError):
    """The environment does not hold a credential that the source needs."""

    code = "credential_missing"


class AddressRefused(FetchError):
    """An address to which this source may not lead."""

    code = "address_refused"


class HostKeyRefused(AddressRefused):
    """The server shows another key than the source knows: nobody may speak to it."""

    code = "host_key_refused"


class Unreachable(FetchError):
    """Nobody answers at the address."""

    code = "unreachable"
    transient = True


class TookTooLong(FetchError):
    """The time for the whole fetch is over."""

    code = "took_too_long"
    transient = True


class Busy(FetchError):
    """The service is overloaded or under maintenance."""

    code = "busy"
    transient = True


class LoginRefused(FetchError):
    """The service does not accept the login."""

    code = "login_refused"


class NotThere(FetchError):
    """The service does not know what was asked for."""

    code = "not_there"


class NoData(FetchError):
    """An answer without data, which never means that data are gone."""

    code = "no_data"


class WrongAnswer(FetchError):
    """Something else than was asked for, or only a part of it."""

    code = "wrong_answer"
    transient = True


class ServiceRefused(FetchError):
    """The service says no."""

    code = "service_refused"
