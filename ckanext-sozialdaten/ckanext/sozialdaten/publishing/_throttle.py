"""How often one may try a password, write, make tokens and search.

Wrong passwords are counted for the account together with the address, for the address alone, and
for the account alone. The first two stop who guesses, the third who guesses from many addresses. It
does not stop people at an address from which they have signed in lately: nobody can shut another
out by failing in their name.

Without Redis nobody signs in: sessions lie there too, so that closing costs nothing and guessing
never goes uncounted. Everything else stays open, since its limits protect the server from haste
alone, and the public's reading must not hang on a counter.
"""

import json
import logging
from typing import Any

import ckan.plugins.toolkit as tk
import redis
from ckan import model
from ckan.common import config, current_user
from ckan.lib import signals
from flask import Response, g, has_request_context, request
from flask_login import user_logged_in
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from ckanext.sozialdaten.publishing import _limits
from ckanext.sozialdaten.publishing._limits import Limit

__all__ = ["before_password", "before_request", "listen", "tell_when"]

log = logging.getLogger(__name__)
_MINUTE, _QUARTER, _HOUR = 60, 900, 3600
_READS = frozenset(
    {
        "datastore_info",
        "datastore_search",
        "package_autocomplete",
        "package_list",
        "package_search",
        "current_package_list_with_resources",
        "resource_search",
        "tag_search",
    }
)
_READING_PAGES = frozenset({"datastore.dump", "datatablesview.ajax"})


def _is_on() -> bool:
    return bool(config["ckanext.sozialdaten.limits.enabled"])


def _limit(name: str, seconds: int) -> Limit:
    return Limit(name, config[f"ckanext.sozialdaten.limits.{name}"], seconds)


# --- passwords


def _account(login: Any) -> str:
    """The account behind a name or address; what nobody has counts under its own text."""
    text = str(login or "").strip()
    user = model.User.by_name(text) or model.User.by_email(text)
    return user.id if user is not None else text.casefold()


def _tries(account: str) -> list[tuple[Limit, str]]:
    here = _limits.address()
    return [
        (_limit("login_failures", _QUARTER), f"{account}\n{here}"),
        (_limit("login_failures_per_address", _QUARTER), here),
    ]


def _password_wait(account: str) -> int:
    waits = [limit.wait(subject) for limit, subject in _tries(account)]
    if not _limits.is_known(account):
        waits.append(_limit("login_failures_per_account", _HOUR).wait(account))
    return max(waits)


def before_password(identity: Any) -> None:
    """Stop before a password is looked at, if there were too many wrong ones.

    Raises:
        TooManyRequests: the text names the time to wait.
        ServiceUnavailable: nobody can count.
    """
    if not (_is_on() and has_request_context()):
        return
    try:
        seconds = _password_wait(_account(identity.get("login")))
    except redis.RedisError as error:
        log.exception("Nobody signs in while Redis is away")
        text = tk._("Signing in is not possible at the moment. Please try again in a few minutes.")
        g.sozialdaten_retry_after = _MINUTE
        raise ServiceUnavailable(text) from error
    if seconds:
        text = tk._("Too many wrong passwords. Please try again in {minutes} minutes.")
        text = text.format(minutes=-(-seconds // 60))
        g.sozialdaten_retry_after = seconds
        raise TooManyRequests(text)


def tell_when(response: Any) -> Any:
    """Say when to try again: CKAN's error pages lose the headers of errors."""
    if "sozialdaten_retry_after" in g and response.status_code in (429, 503):
        response.headers["Retry-After"] = str(g.sozialdaten_retry_after)
    return response


def _failed(login: Any, **_kwargs: Any) -> None:
    if not (_is_on() and has_request_context()):
        return
    account = _account(login)
    try:
        for limit, subject in _tries(account):
            limit.count(subject)
        _limit("login_failures_per_account", _HOUR).count(account)
    except redis.RedisError:
        log.exception("A wrong password was not counted")


def _signed_in(_sender: Any, user: Any = None, **_kwargs: Any) -> None:
    if not (_is_on() and has_request_context() and user is not None):
        return
    if request.headers.get("Authorization"):  # a token is no password
        return
    try:
        _limits.remember(user.id)
    except redis.RedisError:
        log.exception("A sign-in was not remembered")


def listen() -> None:
    """Hear of wrong passwords and of sign-ins; hearing twice counts once."""
    signals.failed_login.connect(_failed)
    user_logged_in.connect(_signed_in)


# --- requests


def _of_request() -> tuple[Limit, str] | None:
    """The limit that this request falls under, and whose it is."""
    action = str((request.view_args or {}).get("logic_function", ""))
    if action == "api_token_create" or request.endpoint == "user.api_tokens":
        if request.method != "POST":
            return None
        return _limit("tokens", _HOUR), current_user.name or _limits.address()
    if action in _READS or request.endpoint in _READING_PAGES:
        if current_user.is_authenticated:
            return None
        return _limit("reads", _MINUTE), _limits.address()
    if action and request.method == "POST" and not _only_reads(action):
        return _limit("writes", _MINUTE), current_user.name or _limits.address()
    return None


def _only_reads(action: str) -> bool:
    try:
        return bool(getattr(tk.get_action(action), "side_effect_free", False))
    except KeyError:
        return True


def before_request() -> Response | None:
    """The refusal of a request that is one too many, or None."""
    if not _is_on():
        return None
    found = _of_request()
    if found is None:
        return None
    limit, subject = found
    try:
        seconds = limit.count(subject)
    except redis.RedisError:
        log.exception("Requests are not counted while Redis is away")
        return None
    return _refusal(seconds) if seconds else None


def _refusal(seconds: int) -> Response:
    text = tk._("Too many requests. Please try again in {seconds} seconds.")
    error = {"__type": "Too Many Requests", "message": text.format(seconds=seconds)}
    body = json.dumps({"success": False, "error": error}, ensure_ascii=False)
    answer = Response(body, 429, mimetype="application/json")
    answer.headers["Retry-After"] = str(seconds)
    return answer
