"""Opening a DynamoDB transaction over both tables on the shared connection.

At most 100 actions; callers cut larger work into steps.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from pynamodb.transactions import TransactWrite

from chalicelib.store.retry import retried
from chalicelib.store.tables import BillingItem

MAX_ACTIONS = 100


@retried
def commit(fill: Callable[[TransactWrite], None]) -> None:
    """Run one transaction that `fill` describes; ConditionFailedError tells which actions did not hold.

    The token makes the SDK's own repeats harmless; the store's repeat of a conflict starts over with a new one.
    """
    connection = BillingItem._get_connection().connection  # noqa: SLF001  # PynamoDB has no public accessor
    with TransactWrite(connection=connection, client_request_token=uuid4().hex) as transaction:
        fill(transaction)
