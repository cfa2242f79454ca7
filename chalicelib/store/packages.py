"""The catalogue: all packages in one partition, few enough (hundreds) to be read at once by every billing task.

A package that was ever assigned stays for ever, since documents and assignments refer to it; it can be archived.
"""

from __future__ import annotations

from dataclasses import replace

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.packages import Package
from chalicelib.store import codec
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.signed import sign_off
from chalicelib.store.tables import PackageItem

PK = "CAT"


def load_packages() -> dict[str, Package]:
    """All packages by id, archived ones too, read consistently."""
    return {item.sk: _package(item) for item in _all()}


def list_packages(limit: int, cursor: str | None) -> tuple[list[Package], str | None]:
    """A page of the catalogue, oldest first, and the cursor to go on with."""
    found = _page(decode_cursor(cursor) or "0", limit + 1)
    following = encode_cursor(found[limit - 1].sk) if len(found) > limit else None
    return [_package(item) for item in found[:limit]], following


def find_package(package_id: str) -> Package | None:
    """The package, or None."""
    item = _find(package_id)
    return None if item is None else _package(item)


def get_package(package_id: str) -> Package:
    """The package; NotFound for an unknown id."""
    package = find_package(package_id)
    if package is None:
        raise NotFound("package", package_id)
    return package


def is_assigned(package_id: str) -> bool:
    """Whether the package is, or ever was, on a customer."""
    item = _find(package_id)
    return item is not None and bool(item.used)


def put_package(package: Package) -> None:
    """Keep a new package; one that is there already under this (new) id is the same, met again."""
    try:
        _put(PackageItem(PK, package.id, ver=package.version, doc=codec.plain(package)))
    except ConditionFailedError:
        return


def save_package(package: Package, *, only_unassigned: bool) -> Package:
    """Save a changed package that still carries the version it was read with; returns it with its new one.

    Raises Conflict `stale_version` when somebody changed it, or, with `only_unassigned`, assigned it in between.
    """
    saved = replace(package, version=package.version + 1)
    try:
        _update(saved, package.version, only_unassigned=only_unassigned)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error
    return saved


def delete_package(package: Package) -> None:
    """Delete a package that was never assigned; Conflict `in_use` otherwise, `stale_version` when it changed meanwhile."""
    sign_off(PackageItem(PK, package.id))
    try:
        _delete(package.id, package.version)
    except ConditionFailedError as error:
        raise Conflict("in_use" if is_assigned(package.id) else "stale_version") from error


def add_use(transaction: TransactWrite, package_id: str) -> None:
    """Mark the package as assigned, within the transaction that assigns it; fails when it was deleted."""
    transaction.update(PackageItem(PK, package_id), actions=[PackageItem.used.set(True)], condition=PackageItem.pk.exists())


def _package(item: PackageItem) -> Package:
    return codec.restore(Package, item.doc)


@retried
def _all() -> list[PackageItem]:
    return list(PackageItem.query(PK, consistent_read=True))


@retried
def _page(after: str, limit: int) -> list[PackageItem]:
    return list(PackageItem.query(PK, PackageItem.sk > after, limit=limit))


@retried
def _find(package_id: str) -> PackageItem | None:
    try:
        return PackageItem.get(PK, package_id, consistent_read=True)
    except PackageItem.DoesNotExist:
        return None


@retried
def _put(item: PackageItem) -> None:
    item.save(PackageItem.pk.does_not_exist())


@retried
def _update(package: Package, read_version: int, *, only_unassigned: bool) -> None:
    condition = PackageItem.ver == read_version
    if only_unassigned:
        condition &= PackageItem.used.does_not_exist()
    actions: list[Action] = [PackageItem.ver.set(package.version), PackageItem.doc.set(codec.plain(package))]
    PackageItem(PK, package.id).update(actions=actions, condition=condition)


@retried
def _delete(package_id: str, read_version: int) -> None:
    condition = (PackageItem.ver == read_version) & PackageItem.used.does_not_exist()
    PackageItem(PK, package_id).delete(condition=condition)
