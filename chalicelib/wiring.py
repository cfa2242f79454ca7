"""Builds the dependencies; the only module that reads the configuration and names concrete adapters."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_network

from ulid import ULID

from chalicelib.config import Settings, read_settings, split_list
from chalicelib.outbound.network import Network
from chalicelib.services.deps import Deps
from chalicelib.store import clients, connection


def configure(settings: Settings) -> None:
    """Point the store at the deployment's tables, bucket and queues. Makes no call and builds no client."""
    connection.configure(settings.billing_table, settings.work_table)
    queues = clients.Queues(bill=settings.bill_queue_url, notices=settings.notices_queue_url, mails=settings.mails_queue_url)
    clients.configure(settings.bucket, queues)


@cache
def get_deps() -> Deps:
    """The dependencies of this process, built on first use and kept while the function stays warm."""
    settings = read_settings()
    configure(settings)
    logging.getLogger("chalicelib").setLevel(settings.log_level)
    return Deps(clock=_now, new_id=_new_id, settings=settings, network=build_network(settings))


def build_network(settings: Settings) -> Network:
    """Where webhooks may lead: the public internet, and what the deployment counts as such."""
    ports = frozenset(int(port) for port in split_list(settings.webhook_ports))
    return Network(ports=ports, also=tuple(ip_network(each) for each in split_list(settings.webhook_networks)))


def reset() -> None:
    """Forget what was built, so that a changed environment counts (tests, local run)."""
    get_deps.cache_clear()


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(ULID()).lower()
