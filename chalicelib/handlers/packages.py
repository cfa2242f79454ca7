"""`/packages`: the catalogue of what can be sold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field

from chalicelib.domain.customer import Frequency
from chalicelib.domain.packages import ChargeTiming, Package, PackageStatus
from chalicelib.domain.tax import Tax
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Name, Price, Quantity, Text
from chalicelib.handlers.party_fields import TaxInput
from chalicelib.handlers.requests import Changes, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import packages as service

api = Api(__name__)


class PackageChanges(Changes):
    """Any fields of a package; what is left out stays. `tax` null: the customer's."""

    name: Name = ""
    description: Text = ""
    unit_price: Price = Decimal(0)
    setup_price: Price = Decimal(0)
    quantity: Quantity = Decimal(1)
    tax: TaxInput | None = None
    frequency: Frequency = Frequency.MONTHLY
    match_days: tuple[int, ...] = Field(default=(), max_length=31)
    charge: ChargeTiming = ChargeTiming.ADVANCE
    prorate: bool = False
    minimum_spend: bool = False
    status: PackageStatus = PackageStatus.ACTIVE


class PackageInput(PackageChanges):
    """A package to make."""

    name: Name


@api.endpoint(
    "GET", "/packages", permission="billing:read", summary="List packages, oldest first", query=PageQuery, answer=Page[Package]
)
def list_packages(request: Request) -> Answer:
    """A page of the catalogue."""
    return Answer(page(*service.list_packages(request.query.limit, request.query.cursor)))


@api.endpoint(
    "POST",
    "/packages",
    permission="billing:write",
    summary="Create a package",
    body=PackageInput,
    judge=lambda request: service.check_new(request.deps, parse_changes(request.body)),
    answer=Package,
    status=201,
)
def create_package(request: Request) -> Answer:
    """Make a package."""
    return answer_package(service.create_package(request.deps, request.body.name, parse_changes(request.body)))


@api.endpoint("GET", "/packages/{package_id}", permission="billing:read", summary="Read a package", answer=Package)
def get_package(request: Request) -> Answer:
    """One package, with its version as ETag."""
    return answer_package(service.get_package(request.path["package_id"]))


@api.endpoint(
    "PATCH",
    "/packages/{package_id}",
    permission="billing:write",
    summary="Change a package; what charges rest on is fixed once it is assigned",
    body=PackageChanges,
    judge=lambda request: service.check_changes(request.path["package_id"], parse_changes(request.body)),
    answer=Package,
)
def patch_package(request: Request) -> Answer:
    """Change the fields given."""
    changes = parse_changes(request.body)
    return answer_package(service.update_package(request.deps, request.path["package_id"], changes, request.if_match))


@api.endpoint(
    "DELETE",
    "/packages/{package_id}",
    permission="billing:write",
    summary="Delete a package that was never assigned; archive others by status",
    status=204,
)
def delete_package(request: Request) -> Answer:
    """Delete a package that was never assigned."""
    service.delete_package(request.path["package_id"], request.if_match)
    return Answer()


def parse_changes(body: PackageChanges) -> dict[str, Any]:
    """The fields that were given; a tax is a whole one."""
    changes = body.model_dump(exclude_unset=True)
    if body.tax is not None:
        changes["tax"] = Tax(**dict(body.tax))
    return changes


def answer_package(package: Package) -> Answer:
    """A package and its version."""
    return Answer(package, version=package.version)
