"""The catalogue: packages made, changed, archived, and deleted while nobody ever had them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.catalogue_rules import fixed_changes, validate_package
from chalicelib.domain.changes import merged
from chalicelib.domain.errors import Conflict, Invalid
from chalicelib.domain.packages import Package
from chalicelib.services.deps import Deps
from chalicelib.services.versions import check_version
from chalicelib.store import packages as store


def create_package(deps: Deps, name: str, fields: Mapping[str, Any]) -> Package:
    """Make a package. Raises Invalid with every issue."""
    now = deps.clock()
    package = _checked(merged(Package(id=deps.new_id(), name=name, created_at=now, updated_at=now), fields))
    store.put_package(package)
    return package


def check_new(deps: Deps, fields: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of a package to be; makes nothing, and does not miss what is not there."""
    now = deps.clock()
    _checked(merged(Package(id="new", name="New", created_at=now, updated_at=now), fields))


def check_changes(package_id: str, changes: Mapping[str, Any]) -> None:
    """Raise Invalid with every issue of the package as it would be after a change; changes nothing. NotFound."""
    _checked(merged(store.get_package(package_id), changes))


def get_package(package_id: str) -> Package:
    """The package; NotFound."""
    return store.get_package(package_id)


def list_packages(limit: int, cursor: str | None) -> tuple[list[Package], str | None]:
    """A page of the catalogue, oldest first."""
    return store.list_packages(limit, cursor)


def update_package(deps: Deps, package_id: str, changes: Mapping[str, Any], expected: int | None) -> Package:
    """Change the fields given. Raises Invalid, NotFound, Conflict `stale_version`.

    Conflict `in_use` for what cannot change under an assignment: archive the package, and make another.
    """
    before = store.get_package(package_id)
    check_version(before.version, expected)
    after = _checked(merged(before, {**changes, "updated_at": deps.clock()}))
    fixed = fixed_changes(before, after)
    if fixed and store.is_assigned(package_id):
        message = f"Customers have this package: {', '.join(fixed)} cannot change. Archive it, and make another."
        raise Conflict("in_use", message, fields=fixed)
    return store.save_package(after, only_unassigned=bool(fixed))


def delete_package(package_id: str, expected: int | None) -> None:
    """Delete a package that was never assigned. Raises NotFound, Conflict `in_use` (archive it instead), `stale_version`."""
    package = store.get_package(package_id)
    check_version(package.version, expected)
    store.delete_package(package)


def _checked(package: Package) -> Package:
    issues = validate_package(package)
    if issues:
        raise Invalid.of(*issues)
    return package
