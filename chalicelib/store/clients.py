"""The botocore clients of S3, SQS, EventBridge and SES, built on first use and shared by the process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=30, signature_version="s3v4")

ONE_TRY = Config(retries={"total_max_attempts": 1})
"""For calls that must not be repeated without thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """The URLs of the queues of work, of webhooks, and of mails."""

    bill: str
    notices: str
    mails: str


@dataclass(slots=True)
class _Names:
    bucket: str = ""
    bill_queue_url: str = ""
    notices_queue_url: str = ""
    mails_queue_url: str = ""


names = _Names()
"""Bucket and queues of this deployment, set once by wiring."""


def configure(bucket: str, queues: Queues) -> None:
    """Set the names and forget clients of an earlier configuration."""
    names.bucket, names.bill_queue_url = bucket, queues.bill
    names.notices_queue_url, names.mails_queue_url = queues.notices, queues.mails
    _client.cache_clear()
    _session.cache_clear()


def s3() -> Any:
    """The S3 client (botocore clients have no static types)."""
    return _client("s3")


def sqs() -> Any:
    """The SQS client."""
    return _client("sqs")


def events() -> Any:
    """The EventBridge client."""
    return _client("events")


def ses() -> Any:
    """The SES client; it tries once, since a mail that is sent again arrives twice."""
    return _client("sesv2")


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _client(service: str) -> Any:
    config = CONFIG if service == "s3" else CONFIG.merge(Config(signature_version="v4"))
    config = config.merge(ONE_TRY) if service == "sesv2" else config
    return _session().create_client(service, config=config)
