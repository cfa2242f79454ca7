"""Signatures of Standard Webhooks: HMAC-SHA256 over id, timestamp and body. Secrets are values here; keeping them is not."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

PREFIX = "whsec_"
SECRET_BYTES = 32
OVERLAP = timedelta(hours=24)
"""For how long a replaced secret goes on signing, so that receivers can change over."""
MOST_SECRETS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecret:
    """A key, as receivers get it. `valid_until` None: until it is replaced."""

    key: str = field(repr=False)
    valid_until: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it still signs."""
        return self.valid_until is None or now < self.valid_until


def build_secret(key: bytes) -> WebhookSecret:
    """A secret of random bytes, in the form that receivers expect."""
    return WebhookSecret(key=PREFIX + b64encode(key).decode())


def rotate(secrets: Sequence[WebhookSecret], new: WebhookSecret, now: datetime) -> tuple[WebhookSecret, ...]:
    """The new secret first, then the ones it replaces, each with its end."""
    kept = [each if each.valid_until else replace(each, valid_until=now + OVERLAP) for each in secrets if each.is_valid(now)]
    return (new, *kept)[:MOST_SECRETS]


def sign(secrets: Sequence[WebhookSecret], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message: one signature for each secret that is valid, newest first."""
    stamp = str(int(now.timestamp()))
    content = f"{message_id}.{stamp}.".encode() + body
    signatures = [_signature(each.key, content) for each in secrets if each.is_valid(now)]
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


def _signature(key: str, content: bytes) -> str:
    digest = hmac.digest(b64decode(key.removeprefix(PREFIX)), content, "sha256")
    return f"v1,{b64encode(digest).decode()}"
