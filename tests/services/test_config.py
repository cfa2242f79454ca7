"""What the deployment fixes is read once, with every fault of the environment in one error."""

from __future__ import annotations

import pytest

from chalicelib.config import ConfigurationError, read_settings
from chalicelib.wiring import build_network

COMPLETE = {
    "BILLING_TABLE": "b",
    "WORK_TABLE": "w",
    "BUCKET": "files",
    "BILL_QUEUE_URL": "https://queue",
    "NOTICES_QUEUE_URL": "https://notices",
    "MAILS_QUEUE_URL": "https://mails",
    "JWT_ISSUER": "https://issuer",
    "JWT_AUDIENCE": "billing",
    "JWT_PUBLIC_KEY": "PEM",
}


def test_a_complete_environment_is_read_with_defaults() -> None:
    """Numbers are numbers, what is not set has its default, and what is not ours is ignored."""
    settings = read_settings({**COMPLETE, "CHUNK_SIZE": "50", "LIST_SHARDS": "", "HOME": "/root"})
    assert (settings.billing_table, settings.chunk_size, settings.list_shards, settings.stage) == ("b", 50, 1, "dev")


def test_every_fault_is_named_at_once() -> None:
    """Missing names, no way to check tokens, numbers out of range."""
    with pytest.raises(ConfigurationError) as failure:
        read_settings({"BUCKET": "files", "CHUNK_SIZE": "101", "DUE_SHARDS": "many"})
    for name in (
        "BILLING_TABLE",
        "BILL_QUEUE_URL",
        "NOTICES_QUEUE_URL",
        "MAILS_QUEUE_URL",
        "JWT_PUBLIC_KEY",
        "CHUNK_SIZE",
        "DUE_SHARDS",
    ):
        assert name in str(failure.value)
    assert "BUCKET" not in str(failure.value)


@pytest.mark.parametrize(
    "name, text", [("WEBHOOK_NETWORKS", "10.0.0.0/33"), ("WEBHOOK_NETWORKS", "localhost"), ("WEBHOOK_PORTS", "443;80")]
)
def test_a_network_that_is_none_is_a_fault(name: str, text: str) -> None:
    """Nobody shall believe that a mistyped list was taken."""
    with pytest.raises(ConfigurationError, match=name):
        read_settings({**COMPLETE, name: text})


def test_webhooks_lead_to_the_internet_unless_told_otherwise() -> None:
    """Port 443 and public addresses; variables add to it."""
    usual = build_network(read_settings(COMPLETE))
    assert (usual.ports, usual.also) == ({443}, ())
    told = build_network(read_settings({**COMPLETE, "WEBHOOK_PORTS": "443, 8443", "WEBHOOK_NETWORKS": "127.0.0.0/8,::1/128"}))
    assert (told.ports, [str(each) for each in told.also]) == ({443, 8443}, ["127.0.0.0/8", "::1/128"])


def test_the_key_of_tokens_is_not_shown() -> None:
    """Settings may be logged."""
    assert "PEM" not in repr(read_settings(COMPLETE))
