"""What every endpoint does alike: problems, limits, headers, logs, and the description of itself."""

from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import TypeAdapter, ValidationError

from chalicelib.domain.customer import Frequency
from chalicelib.domain.errors import CODES
from chalicelib.handlers.encoding import to_json
from chalicelib.handlers.fields import Amount, Day, Instant
from chalicelib.handlers.routes import BLUEPRINTS
from tests.support.http import ApiClient

BODY = {"name": "Acme", "currency": "EUR"}


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"name": "\\ud800"}', b"[" * 10_000, b"nonsense"])
def test_a_body_that_is_not_json_is_400(api: ApiClient, body: bytes) -> None:
    """Broken JSON, broken text and endless nesting are malformed, not a crash."""
    reply = api.post("/customers", body)
    assert (reply.status, reply.json["code"]) == (400, "malformed_json")


def test_a_body_that_is_too_large_is_413(api: ApiClient) -> None:
    """More than a megabyte is not read."""
    assert api.post("/customers", b'"' + b"x" * 1_000_000 + b'"').status == 413


def test_an_empty_body_counts_as_an_empty_object(api: ApiClient) -> None:
    """Leaving the body out says the same as {}: what is required is missing."""
    assert api.post("/customers").codes == {"name": "required", "currency": "required"}


def test_a_problem_document_has_all_its_members(api: ApiClient) -> None:
    """RFC 9457: type, title, status, detail; ours: code, request_id, issues."""
    reply = api.post("/customers", {**BODY, "x": 1})
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json == {
        "type": "/errors/unknown_field",
        "title": CODES["unknown_field"],
        "status": 422,
        "code": "unknown_field",
        "detail": "x: Extra inputs are not permitted",
        "request_id": reply.headers["x-request-id"],
        "issues": [{"path": "x", "code": "unknown_field", "message": "Extra inputs are not permitted"}],
    }


def test_an_unknown_method_is_a_problem_too(api: ApiClient) -> None:
    """What Chalice refuses looks like what we refuse."""
    reply = api.patch("/settings", {})
    assert (reply.status, reply.json["code"], reply.headers["allow"]) == (405, "method_not_allowed", "GET, PUT")


def test_every_answer_carries_the_security_headers(api: ApiClient) -> None:
    """Nothing is cached, sniffed or framed; answers of all kinds say so."""
    for reply in (api.get("/health", token=None), api.get("/settings", token=None), api.patch("/settings"), api.get("/docs")):
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert "access-control-allow-origin" not in reply.headers


def test_logs_one_line_without_ids_or_tokens(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    """The log says which endpoint was asked by whom with which result, and nothing that is in path, body or credentials."""
    caplog.set_level(logging.INFO)
    reply = api.get("/customers/secret-customer?", token=api.token(sub="jane"))
    (record,) = [record for record in caplog.records if record.name == "chalicelib.access"]
    line = json.loads(record.getMessage())
    assert line.pop("ms") >= 0
    assert line == {
        "method": "GET",
        "path": "/customers/{customer_id}",
        "status": 404,
        "request_id": reply.headers["x-request-id"],
        "actor": "user:jane",
    }


def test_health_says_which_version_answers(api: ApiClient) -> None:
    """Liveness needs no credentials and no table."""
    assert api.get("/health", token=None).json == {"status": "ok", "version": "0.1.0", "stage": "test"}


def test_the_description_is_valid_and_complete(api: ApiClient) -> None:
    """The OpenAPI document is one, names every endpoint, and says which permission it needs."""
    document = api.get("/openapi.json", token=None).json
    validate(document)
    declared = {(each.path, each.method.lower()) for blueprint in BLUEPRINTS for each in blueprint.endpoints}
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == declared
    assert "settings:write" in document["paths"]["/settings"]["put"]["description"]
    texts = {
        path: list(document["paths"][path]["get"]["responses"]["200"]["content"])
        for path in ("/docs", "/invoices/{invoice_id}/csv")
    }
    assert texts == {"/docs": ["text/html"], "/invoices/{invoice_id}/csv": ["text/csv"]}


def test_answers_are_as_described(api: ApiClient) -> None:
    """What is answered fits the schema that the description gives for it."""
    document = api.get("/openapi.json", token=None).json
    package_id = api.post("/packages", {"name": "Flat", "tax": {"percent": "20"}}).json["id"]
    api.post("/customers", {**BODY, "id": "acme", "schedule": {"frequency": "weekly", "anchor": 5}})
    assignment = {"package_id": package_id, "start_date": "2026-11-01"}
    answers = {
        ("/settings", "put", "200"): api.put("/settings", {"name": "Telco"}),
        ("/customers", "get", "200"): api.get("/customers"),
        ("/customers/{customer_id}", "patch", "200"): api.patch("/customers/acme", {"email": "ap@example.com"}),
        ("/packages", "get", "200"): api.get("/packages"),
        ("/customers/{customer_id}/packages", "post", "201"): api.post("/customers/acme/packages", assignment),
        ("/api-keys", "post", "201"): api.post("/api-keys", {"name": "Key", "permissions": ["billing:read"]}),
        ("/customers", "post", "default"): api.post("/customers", {}),
    }
    for (path, method, status), reply in answers.items():
        (content,) = document["paths"][path][method]["responses"][status]["content"].values()
        schema = {**content["schema"], "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(reply.json)) == [], path


def test_the_page_shows_every_endpoint_and_loads_nothing(api: ApiClient) -> None:
    """The page is plain HTML: no script, no address of another host."""
    page = api.get("/docs", token=None)
    assert page.headers["content-type"].startswith("text/html")
    assert all(f'id="{each.name}"' in page.text for blueprint in BLUEPRINTS for each in blueprint.endpoints)
    assert "<script" not in page.text
    assert "src=" not in page.text


def test_the_page_links_what_it_refers_to(api: ApiClient) -> None:
    """Every type that is named can be followed to its fields, within the page; codes and fields are tables."""
    page = api.get("/docs", token=None).text
    links, anchors = re.findall(r'href="#([^"]+)"', page), re.findall(r' id="([^"]+)"', page)
    assert {"InvoiceInput", "InvoiceLineInput", "Problem"} <= set(links) <= set(anchors)
    assert len(anchors) == len(set(anchors))
    assert "$ref" not in page
    assert "<pre" not in page
    assert "<tr><td><code>stale_version</code></td>" in page
    assert "<tr><td><code>customer_id</code></td><td>string</td><td>required;" in page


@dataclass(frozen=True)
class _Sample:
    amount: Decimal
    day: date
    at: datetime
    kind: Frequency


def test_values_have_one_json_form() -> None:
    """Decimals never use an exponent, instants are in UTC with Z, enums are their words."""
    at = datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    sample = _Sample(Decimal("1E-7"), date(2026, 11, 1), at, Frequency.DAILY)
    assert to_json([sample, None, {"a": (1, True)}]) == (
        '[{"amount":"0.0000001","day":"2026-11-01","at":"2026-11-01T00:00:00Z","kind":"daily"},null,{"a":[1,true]}]'
    )


def test_what_has_no_json_form_is_a_bug() -> None:
    """An object nobody thought of is not guessed at."""
    with pytest.raises(TypeError):
        to_json(object())


AMOUNT: TypeAdapter[Decimal] = TypeAdapter(Amount)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**13), max_value=10**13))
def test_amounts_come_in_exactly_as_they_were_sent(amount: Decimal) -> None:
    """A decimal string is read to the digit, and written the same."""
    text = f"{amount:f}"
    assert AMOUNT.validate_json(json.dumps(text)) == amount
    assert json.loads(to_json(AMOUNT.validate_json(json.dumps(text)))) == text


@pytest.mark.parametrize(
    "raw", ["1.5", '"1e5"', '"NaN"', '"Infinity"', '" 1"', '"1,5"', '"\u0661"', '"1."', "true", "[]", "null", "1" * 30, '""']
)
def test_refuses_amounts_that_are_not_exact_decimals(raw: str) -> None:
    """JSON fractions, exponents, other scripts and anything that is not a plain decimal are refused."""
    with pytest.raises(ValidationError):
        AMOUNT.validate_json(raw)


@given(st.text(max_size=40) | st.integers() | st.floats() | st.none() | st.booleans())
def test_no_input_makes_days_and_instants_crash(value: Any) -> None:
    """Whatever is sent for a date is a date or a refusal, never another exception."""
    for kind in (Day, Instant):
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        with suppress(ValidationError):
            assert isinstance(adapter.validate_python(value), date)


def test_an_instant_is_kept_in_utc() -> None:
    """Offsets are understood, and a time without one is refused."""
    adapter: TypeAdapter[datetime] = TypeAdapter(Instant)
    assert adapter.validate_json('"2026-11-01T01:00:00+01:00"') == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(ValidationError):
        adapter.validate_json('"2026-11-01T01:00:00"')
