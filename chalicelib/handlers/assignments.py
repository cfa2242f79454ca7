"""`/customers/{id}/packages`: the packages a customer has."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from chalicelib.domain.packages import Assignment
from chalicelib.handlers.api import Api
from chalicelib.handlers.fields import FIRST_DAY, Day, Id, Price, Quantity, Text
from chalicelib.handlers.requests import Changes, PageQuery, Request
from chalicelib.handlers.responses import Answer, Page, page
from chalicelib.services import assignments as service

api = Api(__name__)


class AssignmentChanges(Changes):
    """Any fields of an assignment; what is left out stays. Prices and description null: the package's."""

    quantity: Quantity = Decimal(1)
    unit_price: Price | None = None
    setup_price: Price | None = None
    description: Text | None = None
    start_date: Day = FIRST_DAY
    end_date: Day | None = None


class AssignmentInput(AssignmentChanges):
    """A package to assign; `quantity` left out: the package's."""

    package_id: Id
    start_date: Day


@api.endpoint(
    "GET",
    "/customers/{customer_id}/packages",
    permission="billing:read",
    customers=True,
    summary="List a customer's package assignments, oldest first",
    query=PageQuery,
    answer=Page[Assignment],
)
def list_assignments(request: Request) -> Answer:
    """A page of assignments."""
    query = request.query
    return Answer(page(*service.list_assignments(request.path["customer_id"], query.limit, query.cursor)))


@api.endpoint(
    "POST",
    "/customers/{customer_id}/packages",
    permission="billing:write",
    summary="Assign a package to a customer",
    body=AssignmentInput,
    judge=lambda request: service.check_new(request.path["customer_id"], *_span(request.body)),
    answer=Assignment,
    status=201,
)
def create_assignment(request: Request) -> Answer:
    """Assign a package."""
    given = request.body.model_dump(exclude_unset=True)
    own = {name: given.pop(name, None) for name in ("package_id", "start_date", "end_date")}
    command = service.AssignPackage(customer_id=request.path["customer_id"], fields=given, **own)
    return answer_assignment(service.assign_package(request.deps, command))


@api.endpoint(
    "PATCH",
    "/customers/{customer_id}/packages/{assignment_id}",
    permission="billing:write",
    summary="Change or end an assignment",
    body=AssignmentChanges,
    answer=Assignment,
)
def patch_assignment(request: Request) -> Answer:
    """Change the fields given."""
    changes = request.body.model_dump(exclude_unset=True)
    customer_id, assignment_id = request.path["customer_id"], request.path["assignment_id"]
    return answer_assignment(service.update_assignment(request.deps, customer_id, assignment_id, changes, request.if_match))


@api.endpoint(
    "DELETE",
    "/customers/{customer_id}/packages/{assignment_id}",
    permission="billing:write",
    summary="Take back an assignment that was never charged",
    status=204,
)
def delete_assignment(request: Request) -> Answer:
    """Take an assignment back."""
    service.delete_assignment(request.path["customer_id"], request.path["assignment_id"], request.if_match)
    return Answer()


def _span(body: AssignmentInput) -> tuple[str | None, date | None, date | None]:
    return body.package_id, body.start_date, body.end_date


def answer_assignment(assignment: Assignment) -> Answer:
    """An assignment and its version."""
    return Answer(assignment, version=assignment.version)
