"""Errors that several connectors raise, each in one place."""

from ckanext.sozialdaten import net
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    Busy,
    LoginRefused,
    NoData,
    NotThere,
    ServiceRefused,
    TookTooLong,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.errors import TooLarge
from ckanext.sozialdaten.messages import Message

__all__ = [
    "at",
    "busy",
    "cut_off",
    "host_refused",
    "login_refused",
    "no_data",
    "not_there",
    "refused",
    "too_large",
    "too_long",
    "wrong_answer",
]

_WORDS = 300


def at(url: str) -> Place:
    """The place of an error: the address without login and query."""
    return Place(file=net.shown(url) if "://" in url else url)


def busy(url: str) -> Busy:
    """Overload or maintenance."""
    return Busy(
        Message("The service is overloaded or under maintenance."),
        Message("It is tried again with the next run; nothing has changed here."),
        at(url),
    )


def too_long(url: str, seconds: float) -> TookTooLong:
    """The time for the whole fetch is over."""
    return TookTooLong(
        Message("The fetch took longer than {seconds} seconds.", {"seconds": round(seconds)}),
        Message("What has arrived is kept, and the next run goes on from there."),
        at(url),
    )


def too_large(url: str, limit: int) -> TooLarge:
    """More bytes than the source allows."""
    return TooLarge(
        Message(
            "The answer is larger than the {limit} bytes that the source allows.", {"limit": limit}
        ),
        Message("Ask for fewer regions or years, or raise max_bytes of the source."),
        at(url),
    )


def cut_off(url: str) -> WrongAnswer:
    """The connection ended before the answer did."""
    return WrongAnswer(
        Message("The answer was cut off."),
        Message("It is tried again with the next run; nothing has changed here."),
        at(url),
    )


def wrong_answer(url: str, wanted: str, found: str) -> WrongAnswer:
    """Another format than was asked for."""
    return WrongAnswer(
        Message(
            "The service answered with {found} in place of {wanted}.",
            {"found": found, "wanted": wanted},
        ),
        Message("Open the address in a browser: it may have moved, or be under maintenance."),
        at(url),
    )


def no_data(url: str, words: str = "") -> NoData:
    """An answer without data."""
    return NoData(
        Message("The service answered without data: {words}", {"words": words[:_WORDS]})
        if words
        else Message("The service answered without data."),
        Message("Check table, regions and years of the source. What we hold stays as it is."),
        at(url),
    )


def not_there(url: str) -> NotThere:
    """Nothing at this address."""
    return NotThere(
        Message("The service does not know this address."),
        Message("It may have moved: look at the publisher's page and correct the source."),
        at(url),
    )


def login_refused(url: str) -> LoginRefused:
    """Wrong or missing login."""
    return LoginRefused(
        Message("The service does not accept the login."),
        Message("Check the credentials in the environment; some services lock after a few tries."),
        at(url),
    )


def refused(url: str, words: str) -> ServiceRefused:
    """The service's own words."""
    return ServiceRefused(
        Message("The service refuses: {words}", {"words": words[:_WORDS]}),
        Message("Correct the source by what the service says."),
        at(url),
    )


def host_refused(url: str, host: str) -> AddressRefused:
    """A host that the source does not list."""
    return AddressRefused(
        Message("The source may not lead to the host {host}.", {"host": host}),
        Message("If that is right, add it under connector.hosts of the source."),
        at(url),
    )
