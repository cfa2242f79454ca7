"""The botocore clients of S3, SQS and EventBridge, built on first use and shared by the process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config

CONFIG = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=30, signature_version="s3v4")


@dataclass(slots=True)
class _Names:
    bucket: str = ""
    bill_queue_url: str = ""
    notices_queue_url: str = ""


names = _Names()
"""Bucket and queues of this deployment, set once by wiring."""


def configure(bucket: str, bill_queue_url: str, notices_queue_url: str) -> None:
    """Set the names and forget clients of an earlier configuration."""
    names.bucket, names.bill_queue_url, names.notices_queue_url = bucket, bill_queue_url, notices_queue_url
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


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@cache
def _client(service: str) -> Any:
    config = CONFIG if service == "s3" else CONFIG.merge(Config(signature_version="v4"))
    return _session().create_client(service, config=config)
