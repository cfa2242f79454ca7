"""Which customers an account paid for before: learned from confirmed bank entries, a hint and never a decision."""

from __future__ import annotations

from chalicelib.store import keys
from chalicelib.store.bank_tables import PayerAccountItem
from chalicelib.store.retry import retried


@retried
def find_payers(account: str) -> frozenset[str]:
    """Ids of the customers that payments from the account were confirmed for."""
    try:
        item = PayerAccountItem.get(keys.payer_account_pk(account), keys.HEAD)
    except PayerAccountItem.DoesNotExist:
        return frozenset()
    return frozenset(item.customers or ())


@retried
def record_payer(account: str, customer_id: str) -> None:
    """Remember that the account paid for the customer; adding to a set twice is adding once."""
    item = PayerAccountItem(keys.payer_account_pk(account), keys.HEAD)
    item.update(actions=[PayerAccountItem.customers.add({customer_id}), PayerAccountItem.entity.set(PayerAccountItem)])


@retried
def forget_payer(account: str, customer_id: str) -> None:
    """The account did not pay for the customer after all; taking from a set twice is taking once."""
    item = PayerAccountItem(keys.payer_account_pk(account), keys.HEAD)
    item.update(actions=[PayerAccountItem.customers.delete({customer_id}), PayerAccountItem.entity.set(PayerAccountItem)])
