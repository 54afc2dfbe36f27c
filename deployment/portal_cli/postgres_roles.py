"""Databases and accounts: each part has its own, with no more rights than it needs."""

__all__ = ["DATABASES", "GUESTS", "READERS", "ROLES", "TEST", "url"]

TEST = "_test"
_LIVE = {  # database -> the account that owns it
    "ckan": "ckan",
    "datastore": "datastore_rw",
    "lake_public": "lake_public",
    "lake_restricted": "lake_restricted",
}
DATABASES = {
    name + suffix: owner + suffix for suffix in ("", TEST) for name, owner in _LIVE.items()
}
#: Accounts that read a database of somebody else; CKAN sets what they see inside it.
READERS = {"datastore_ro" + suffix: "datastore" + suffix for suffix in ("", TEST)}
#: Accounts beside the owner that work in a database: CKAN's own in the datastore.
GUESTS = {"ckan" + suffix: "datastore" + suffix for suffix in ("", TEST)}
ROLES = (*dict.fromkeys(DATABASES.values()), *READERS)


def url(database: str, role: str, password: str, port: int, *, scheme: str = "postgresql") -> str:
    """The address of ``database`` for ``role`` over TCP, with its password."""
    return f"{scheme}://{role}:{password}@127.0.0.1:{port}/{database}"
