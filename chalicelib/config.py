"""Settings from the environment, read once, with all errors listed together.

Holds no business choice: those are the operator's settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

REQUIRED = (
    "BILLING_TABLE",
    "WORK_TABLE",
    "BUCKET",
    "BILL_QUEUE_URL",
    "NOTICES_QUEUE_URL",
    "MAILS_QUEUE_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
)
NUMBERS = {"LIST_SHARDS": (1, 64), "DUE_SHARDS": (1, 256), "CHUNK_SIZE": (1, 100)}

LISTS: dict[str, tuple[str, Callable[[str], object]]] = {
    "WEBHOOK_PORTS": ("numbers with commas between them", int),
    "WEBHOOK_NETWORKS": ("networks such as 10.0.0.0/8 with commas between them", ip_network),
}


class ConfigurationError(Exception):
    """The environment is not usable; the message names every variable at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the deployment fixes: names of tables, bucket and queues, token verification, who mails come from, shard counts."""

    billing_table: str
    work_table: str
    bucket: str
    bill_queue_url: str
    notices_queue_url: str
    mails_queue_url: str
    jwt_issuer: str
    jwt_audience: str
    jwt_public_key: str = field(default="", repr=False)
    jwt_jwks_url: str = ""
    webhook_ports: str = "443"
    webhook_networks: str = ""
    email_identity: str = ""
    email_configuration_set: str = ""
    stage: str = "dev"
    version: str = "0.1.0"
    list_shards: int = 1
    due_shards: int = 1
    chunk_size: int = 100
    log_level: str = "INFO"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Build the settings, or raise ConfigurationError naming every missing or unusable variable."""
    env = os.environ if environment is None else environment
    problems = [f"{name} is missing" for name in REQUIRED if not env.get(name)]
    if not env.get("JWT_PUBLIC_KEY") and not env.get("JWT_JWKS_URL"):
        problems.append("one of JWT_PUBLIC_KEY, JWT_JWKS_URL is missing")
    problems += [
        f"{name} must be a whole number from {low} to {high}"
        for name, (low, high) in NUMBERS.items()
        if not _fits(env.get(name), low, high)
    ]
    problems += [f"{name} must be {form}" for name, (form, parse) in LISTS.items() if not _parses(env.get(name, ""), parse)]
    if problems:
        raise ConfigurationError("; ".join(problems))
    given = {name.lower(): env[name] for name in env if name.lower() in Settings.__dataclass_fields__ and env[name]}
    numbers = {name.lower(): int(env[name]) for name in NUMBERS if env.get(name)}
    return Settings(**{**given, **numbers})  # type: ignore[arg-type]  # every field is str but those in `numbers`


def _fits(text: str | None, low: int, high: int) -> bool:
    return not text or (text.isdecimal() and low <= int(text) <= high)


def _parses(text: str, parse: Callable[[str], object]) -> bool:
    try:
        for each in split_list(text):
            parse(each)
    except ValueError:
        return False
    return True


def split_list(text: str) -> list[str]:
    """The entries of a variable that holds several.

    >>> split_list("443, 8443")
    ['443', '8443']
    """
    return [each.strip() for each in text.split(",") if each.strip()]
