"""Typed getters of all options; `config_declaration.yaml` declares and explains them."""

from dataclasses import dataclass

from ckan.common import config

__all__ = [
    "Operator",
    "colours",
    "embed_sites",
    "gate_check_at_once_bytes",
    "gate_store",
    "home_indicators",
    "logo",
    "operator",
]

# --- portal


@dataclass(frozen=True, slots=True)
class Operator:
    """The public body that runs this portal. Empty text: not configured, and the pages say so."""

    name: str
    address: str
    representative: str
    email: str
    phone: str
    privacy_officer: str
    supervisory_authority: str
    enforcement_body: str


def operator() -> Operator:
    """The operator as configured under ``ckanext.sozialdaten.portal``."""
    group = "ckanext.sozialdaten.portal"
    return Operator(
        name=config[f"{group}.operator"],
        address=config[f"{group}.address"],
        representative=config[f"{group}.representative"],
        email=config[f"{group}.email"],
        phone=config[f"{group}.phone"],
        privacy_officer=config[f"{group}.privacy_officer"],
        supervisory_authority=config[f"{group}.supervisory_authority"],
        enforcement_body=config[f"{group}.enforcement_body"],
    )


def home_indicators() -> list[str]:
    """The indicators that the home page shows at a glance, in their order."""
    chosen: list[str] = config["ckanext.sozialdaten.portal.home_indicators"]
    return chosen


def logo() -> str:
    """Address of the operator's logo on this portal; empty for ours and for one of another host."""
    address: str = config["ckanext.sozialdaten.portal.logo"].strip()
    return address if address.startswith("/") and not address.startswith("//") else ""


def colours() -> tuple[str, str]:
    """The colours of header and links that the operator chose; empty for ours."""
    group = "ckanext.sozialdaten.portal"
    return config[f"{group}.colour_header"].strip(), config[f"{group}.colour_accent"].strip()


def embed_sites() -> str:
    """Sites that may show a view in a frame, as ``frame-ancestors`` writes them."""
    sites: str = config["ckanext.sozialdaten.portal.embed_sites"].strip()
    return "'self'" if sites in ("", "none") else " ".join(sites.replace(",", " ").split())


# --- publishing


def gate_store() -> str:
    """Folder of the released bytes; empty: ``sozialdaten/released`` in CKAN's storage."""
    folder: str = config["ckanext.sozialdaten.gate.store"]
    return folder


def gate_check_at_once_bytes() -> int:
    """Size of a dataset's files up to which a check runs at once and not as a job."""
    size: int = config["ckanext.sozialdaten.gate.check_at_once_bytes"]
    return size
