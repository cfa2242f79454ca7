"""Who gets in: every endpoint, generated from the declared ones, so that a new endpoint is covered without being asked."""

from __future__ import annotations

import re

import pytest

from chalicelib.domain.access import PERMISSIONS
from chalicelib.handlers.auth import OWNED
from chalicelib.handlers.endpoints import Endpoint
from chalicelib.handlers.routes import BLUEPRINTS
from tests.support.http import ApiClient, Reply

ENDPOINTS = [endpoint for blueprint in BLUEPRINTS for endpoint in blueprint.endpoints]
CLOSED = [each for each in ENDPOINTS if each.permission is not None]
OPEN = {"get_health", "get_openapi", "get_docs"}


def named(endpoints: list[Endpoint]) -> list[object]:
    """The endpoints as cases with readable names."""
    return [pytest.param(each, id=f"{each.method} {each.path}") for each in endpoints]


def visit(api: ApiClient, endpoint: Endpoint, **options: object) -> Reply:
    """Ask the endpoint for something of the customer `acme`."""
    ids = {"customer_id": "acme", "invoice_id": "acme.20261101.R", "payment_id": "acme.20261101.1"}
    path = re.sub(r"{(\w+)}", lambda match: ids.get(match[1], "x1"), endpoint.path)
    return api.request(endpoint.method, path, {} if endpoint.takes_body else None, **options)  # type: ignore[arg-type]


def test_only_three_endpoints_are_open() -> None:
    """Liveness and the description of the API need no credentials; everything else does."""
    assert {each.name for each in ENDPOINTS if each.permission is None} == OPEN


def test_every_endpoint_has_a_name_of_its_own() -> None:
    """Names are the operation ids of the OpenAPI document."""
    assert len({each.name for each in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize("endpoint", named(CLOSED))
def test_without_credentials_nobody_gets_in(api: ApiClient, endpoint: Endpoint) -> None:
    """No token: 401, as a problem document that says how to authenticate."""
    reply = visit(api, endpoint, token=None)
    assert (reply.status, reply.json["code"]) == (401, "unauthenticated")
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", named(CLOSED))
def test_all_other_permissions_do_not_help(api: ApiClient, endpoint: Endpoint) -> None:
    """Every permission but the needed one: 403."""
    reply = visit(api, endpoint, permissions=[name for name in PERMISSIONS if name != endpoint.permission])
    assert (reply.status, reply.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("endpoint", named([each for each in CLOSED if not each.customers]))
def test_customers_get_in_only_where_it_says_so(api: ApiClient, endpoint: Endpoint) -> None:
    """A customer's token is refused at staff's doors, whatever permissions it carries."""
    assert visit(api, endpoint, customer="acme").status == 403


@pytest.mark.parametrize("endpoint", named([each for each in CLOSED if each.customers and OWNED & set(each.parameters)]))
def test_a_customer_cannot_name_what_belongs_to_another(api: ApiClient, endpoint: Endpoint) -> None:
    """Another customer's object is 404, as if there were none, even when the ids share a beginning."""
    for other in ("other", "acm", "acme-2"):
        reply = visit(api, endpoint, customer=other)
        assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_a_customer_sees_itself(api: ApiClient) -> None:
    """A customer's token opens its own profile."""
    api.post("/customers", {"id": "acme", "name": "Acme", "currency": "EUR"})
    assert api.get("/customers/acme", customer="acme", permissions=["billing:read"]).json["name"] == "Acme"


@pytest.mark.parametrize("options", [{"customers": True}, {"permission": "billing:reed"}])
def test_an_endpoint_that_nobody_could_guard_is_not_declared(options: dict[str, object]) -> None:
    """A door for customers needs an owner in its path, and a permission must be one of ours."""
    usual = {"method": "GET", "path": "/x/{thing_id}", "permission": "billing:read", "summary": "", "handler": visit, "tag": ""}
    with pytest.raises(ValueError, match="/x/"):
        Endpoint(**{**usual, **options})  # type: ignore[arg-type]
