"""Bank statements: registered once by their content, listed, and closed when every row has been looked at.

An open one stays in the index of open things, so that the sweep has it read on.
"""

from __future__ import annotations

from pynamodb.transactions import TransactWrite

from chalicelib.domain.bank_statement import BankStatement
from chalicelib.domain.errors import NotFound
from chalicelib.store import codec, keys
from chalicelib.store.bank_tables import BankListItem, BankStatementItem, OpenBankItem
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.runs import OPEN
from chalicelib.store.tables import BillingItem
from chalicelib.store.transaction import commit

ALL = "BNKS"
READ = 100


def file_key(statement_id: str) -> str:
    """Where the file of a statement lies."""
    return f"bank/files/{statement_id}"


def incoming_key(new_id: str) -> str:
    """Where an upload goes."""
    return f"bank/incoming/{new_id}"


def register_statement(statement: BankStatement) -> BankStatement:
    """Record a new statement as open and list it; when it came before, as it is."""

    def fill(transaction: TransactWrite) -> None:
        transaction.save(_item(statement), condition=BillingItem.pk.does_not_exist())
        transaction.save(BankListItem(ALL, f"{keys.instant(statement.created_at)}#{statement.id}"))
        transaction.save(OpenBankItem(keys.bank_pk(statement.id), keys.HEAD, op=OPEN, os=_since(statement)))

    try:
        commit(fill)
    except ConditionFailedError:
        return get_statement(statement.id)
    return statement


def close_statement(statement: BankStatement) -> None:
    """Set what became of it, and take it from the open things; doing it again changes nothing."""

    def fill(transaction: TransactWrite) -> None:
        transaction.save(_item(statement), condition=BillingItem.pk.exists())
        transaction.delete(OpenBankItem(keys.bank_pk(statement.id), keys.HEAD))

    commit(fill)


def get_statement(statement_id: str) -> BankStatement:
    """The statement, or NotFound."""
    item = _find(keys.bank_pk(statement_id))
    if item is None:
        raise NotFound("bank statement", statement_id)
    return codec.restore(BankStatement, item.doc)


def list_statements(limit: int, before: str | None) -> tuple[list[BankStatement], str | None]:
    """Statements, newest first, and the position to go on from (None at the end)."""
    page, following = _list_page(limit, before)
    ids = [position.partition("#")[2] for position in page]
    found = {one.id: one for start in range(0, len(ids), READ) for one in _load(ids[start : start + READ])}
    return [found[one] for one in ids if one in found], following


def _item(statement: BankStatement) -> BankStatementItem:
    return BankStatementItem(keys.bank_pk(statement.id), keys.HEAD, doc=codec.plain(statement))


def _since(statement: BankStatement) -> str:
    return f"{keys.instant(statement.created_at)}#{statement.id}"


@retried
def _find(pk: str) -> BankStatementItem | None:
    try:
        return BankStatementItem.get(pk, keys.HEAD, consistent_read=True)
    except BankStatementItem.DoesNotExist:
        return None


@retried
def _list_page(limit: int, before: str | None) -> tuple[list[str], str | None]:
    condition = BankListItem.sk < before if before else None
    found = BankListItem.query(ALL, condition, scan_index_forward=False, limit=limit + 1, consistent_read=True)
    page = [item.sk for item in found]
    return page[:limit], page[limit - 1] if len(page) > limit else None


@retried
def _load(ids: list[str]) -> list[BankStatement]:
    found = BankStatementItem.batch_get([(keys.bank_pk(one), keys.HEAD) for one in ids], consistent_read=True)
    return [codec.restore(BankStatement, item.doc) for item in found]
