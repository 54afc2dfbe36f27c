"""Ring 2: nobody borrows a reviewer's account.

A sysadmin can make a token for anybody and change anybody's password or address. Who submits could
thus approve in the reviewer's name. The accounts of reviewers are therefore their own business.
"""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.common import config
from ckan.types import Context

from ckanext.sozialdaten.publishing import _tokens
from ckanext.sozialdaten.publishing.model import Reviewer

__all__ = ["CORE"]

# Whoever sets one of these can sign in as the account, or have its password sent to them.
_KEYS = ("password", "password1", "email", "name", "state")


def _stranger_to(context: Context, account: model.User) -> bool:
    """Whether a person acts here who is another than the owner of the account.

    The command line acts as nobody or as the site itself: whoever has it has the database, too.
    """
    actor = model.User.get(context.get("user"))
    return actor is not None and actor.name != config["ckan.site_id"] and actor.id != account.id


def _refuse_reviewer(context: Context, user_id: Any) -> None:
    account = model.User.get(user_id) if isinstance(user_id, str) else None
    if account and Reviewer.current(account.id) and _stranger_to(context, account):
        raise tk.NotAuthorized(
            tk._("This is a reviewer's account: its keys belong to its owner alone.")
        )


@tk.chained_action
def api_token_create(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Nobody else makes a token for a reviewer, and no token lives for ever."""
    _tokens.refuse_too_long(data_dict)
    _refuse_reviewer(context, data_dict.get("user"))
    return original(context, data_dict)


def _changed(account: model.User, data_dict: dict[str, Any]) -> bool:
    present = {"email": account.email, "name": account.name, "state": account.state}
    given = {key: data_dict[key] for key in _KEYS if data_dict.get(key)}
    return any(present.get(key) != value for key, value in given.items())


@tk.chained_action
def user_written(original: Any, context: Context, data_dict: dict[str, Any]) -> Any:
    """Nobody else changes how a reviewer signs in, except with the key that a mail brought."""
    user_id = data_dict.get("id")
    account = model.User.get(user_id) if isinstance(user_id, str) else None
    by_mail = account and account.reset_key and data_dict.get("reset_key") == account.reset_key
    if account and not by_mail and _changed(account, data_dict):
        _refuse_reviewer(context, user_id)
    return original(context, data_dict)


CORE: dict[str, Any] = {
    "api_token_create": api_token_create,
    "user_update": user_written,
    "user_patch": user_written,
}
