"""`/customers`: the parties that are billed."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.customer import Customer, CustomerStatus, LineGrouping, Schedule
from chalicelib.domain.mail_addresses import MAX_COPIES
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import Day, Id, Name, OneLine
from chalicelib.handlers.party_fields import AddressInput, ScheduleInput, TaxInput
from chalicelib.handlers.requests import Changes, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import customers as service

api = Api(__name__)

OwnId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class CustomerChanges(Changes):
    """Any fields of a customer; what is left out stays. `schedule` null: billed by hand only."""

    name: Name = ""
    email: OneLine = ""
    email_cc: list[OneLine] = Field(default=[], max_length=MAX_COPIES)
    address: AddressInput = AddressInput()
    tax_id: OneLine = ""
    currency: OneLine = ""
    locale: OneLine = "en"
    timezone: OneLine = "UTC"
    tax: TaxInput = TaxInput()
    invoice_due_days: int = 14
    schedule: ScheduleInput | None = None
    billing_start: Day | None = None
    line_grouping: LineGrouping | None = None
    template_id: Id | None = None
    create_invoice_on_payment: bool = False
    email_invoices: bool = False
    e_invoices: bool = False
    reminders_paused_until: Day | None = None
    external_id: OneLine = ""
    status: CustomerStatus = CustomerStatus.ACTIVE


class CustomerInput(CustomerChanges):
    """A customer to make. `id`: lower-case letters, digits and hyphens; left out, it is made up."""

    id: OwnId | None = None
    name: Name
    currency: OneLine


class CustomerQuery(PageQuery):
    """Which customers."""

    q: OneLine = Field(default="", description="Beginning of the name, in any case.")


@api.endpoint(
    "GET",
    "/customers",
    permission="billing:read",
    summary="List customers by name",
    query=CustomerQuery,
    answer=Page[Customer],
)
def list_customers(request: Request) -> Answer:
    """A page of customers."""
    query = request.query
    return Answer(page(*service.list_customers(request.deps, query.q, query.limit, query.cursor)))


@api.endpoint(
    "POST",
    "/customers",
    permission="billing:write",
    summary="Create a customer",
    body=CustomerInput,
    judge=lambda request: service.check_new(request.deps, parse_changes(request.body)),
    answer=Customer,
    status=201,
)
def create_customer(request: Request) -> Answer:
    """Make a customer."""
    given = parse_changes(request.body)
    own = {name: given.pop(name, None) for name in ("id", "name", "currency")}
    return answer_customer(service.create_customer(request.deps, service.CreateCustomer(**own, fields=given)))


@api.endpoint(
    "GET", "/customers/{customer_id}", permission="billing:read", customers=True, summary="Read a customer", answer=Customer
)
def get_customer(request: Request) -> Answer:
    """One customer, with its version as ETag."""
    return answer_customer(service.get_customer(request.path["customer_id"]))


@api.endpoint(
    "PATCH",
    "/customers/{customer_id}",
    permission="billing:write",
    summary="Change a customer",
    body=CustomerChanges,
    judge=lambda request: service.check_changes(request.deps, request.path["customer_id"], parse_changes(request.body)),
    answer=Customer,
)
def patch_customer(request: Request) -> Answer:
    """Change the fields given."""
    changes = parse_changes(request.body)
    return answer_customer(service.update_customer(request.deps, request.path["customer_id"], changes, request.if_match))


@api.endpoint(
    "DELETE", "/customers/{customer_id}", permission="billing:write", summary="Delete a customer without documents", status=204
)
def delete_customer(request: Request) -> Answer:
    """Delete a customer that has neither documents nor usage."""
    service.delete_customer(request.path["customer_id"], request.if_match)
    return Answer()


def parse_changes(body: CustomerChanges) -> dict[str, Any]:
    """The fields that were given; those of address and tax may be some of theirs, a schedule and a list are whole ones."""
    changes = body.model_dump(exclude_unset=True)
    if "email_cc" in changes:
        changes["email_cc"] = tuple(changes["email_cc"])
    if body.schedule is not None:
        changes["schedule"] = Schedule(frequency=body.schedule.frequency, anchor=body.schedule.anchor)
    return changes


def answer_customer(customer: Customer) -> Answer:
    """A customer and its version."""
    return Answer(customer, version=customer.version)
