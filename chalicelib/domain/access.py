"""Who may do what: the permissions there are, and API keys. Proving who somebody is happens at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PERMISSIONS = {
    "billing:read": "Read customers, packages, usage, invoices, payments and reports.",
    "billing:write": "Change customers, packages and invoices, and run billing.",
    "payments:write": "Record, allocate and refund payments.",
    "settings:write": "Change settings, templates, API keys and webhooks.",
    "usage:write": "Bring in usage.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key for programs. `id` is the SHA-256 of its secret in hex, which is all that is kept of it."""

    id: str
    name: str
    permissions: tuple[str, ...]
    expires_at: datetime | None = None
    created_at: datetime

    def is_valid(self, at: datetime) -> bool:
        """False from the instant of expiry on."""
        return self.expires_at is None or at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks: a staff member, a program or, with `customer_id`, a customer who sees nothing but their own.

    `subject` tells them apart; `label` is how a program is called in records, which do without the hash in its subject.
    """

    subject: str
    label: str = ""
    permissions: frozenset[str] = frozenset()
    customer_id: str | None = None

    @property
    def name(self) -> str:
        """How records of what was done call them."""
        return self.label or self.subject

    def may(self, permission: str) -> bool:
        """Whether the credentials carry the permission."""
        return permission in self.permissions
