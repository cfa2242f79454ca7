"""The OpenAPI 3.1 document of declared endpoints: schemas come from the same models that check requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chalicelib.domain.access import PERMISSIONS
from chalicelib.domain.errors import CODES
from chalicelib.handlers.endpoints import Endpoint
from chalicelib.handlers.problems import MEDIA_TYPE
from chalicelib.handlers.requests import NoBody, Query
from chalicelib.handlers.responses import JSON

REFERENCE = "#/components/schemas/{model}"
Mode = Literal["validation", "serialization"]
Schemas = dict[tuple[int, Mode], dict[str, Any]]


class IssueSchema(BaseModel):
    """One complaint about the input."""

    path: str
    code: str
    message: str


class Problem(BaseModel):
    """A problem document (RFC 9457). Further members depend on the code."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    issues: list[IssueSchema]


def build_openapi(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The document; every endpoint given is in it."""
    schemas, definitions = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Usage billing", "version": version, "description": _description()},
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": {"bearer": _SECURITY}},
    }


_SECURITY = {"type": "http", "scheme": "bearer", "description": "A JWT of the configured issuer, or an API key `sk_…`."}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same request gets the stored answer, with `Idempotency-Replayed: true`.",
    "schema": {"type": "string", "maxLength": 255},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the state that the change is meant for; 412 when it is stale.",
    "schema": {"type": "string"},
}


def _description() -> str:
    permissions = "\n".join(f"* `{name}`: {text}" for name, text in PERMISSIONS.items())
    codes = "\n".join(f"* `{code}`: {text}" for code, text in CODES.items())
    forms = "Amounts are decimal strings, dates YYYY-MM-DD, instants RFC 3339 in UTC."
    large = "An answer too large for one reply is a 303 to a link that holds it; `X-Answer-Status` tells its status."
    return f"{forms}\n\n{large}\n\nPermissions:\n\n{permissions}\n\nError codes:\n\n{codes}"


def _schemas(endpoints: Sequence[Endpoint]) -> tuple[Schemas, dict[str, Any]]:
    """The schema of every model used, keyed by endpoint position and direction, and the definitions they refer to."""
    inputs: list[tuple[int, Mode, TypeAdapter[Any]]] = [
        (id(each), "validation", TypeAdapter(each.body)) for each in endpoints if each.takes_body
    ]
    outputs: list[tuple[int, Mode, TypeAdapter[Any]]] = [
        (id(each), "serialization", TypeAdapter(each.answer)) for each in endpoints if each.answer is not None
    ]
    problem: list[tuple[int, Mode, TypeAdapter[Any]]] = [(0, "serialization", TypeAdapter(Problem))]
    schemas, shared = TypeAdapter.json_schemas([*inputs, *outputs, *problem], ref_template=REFERENCE, schema_generator=_Generator)
    return schemas, shared.get("$defs", {})


class _Generator(GenerateJsonSchema):
    """Decimals of answers are always strings without an exponent."""

    def decimal_schema(self, schema: Any) -> dict[str, Any]:
        """The schema of a decimal."""
        return (
            {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
            if self.mode == "serialization"
            else super().decimal_schema(schema)
        )


def _operation(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "description": _access(endpoint),
        "security": [] if endpoint.permission is None else [{"bearer": []}],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint.query), *_header_parameters(endpoint)],
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.takes_body:
        content = {JSON: {"schema": schemas[id(endpoint), "validation"]}}
        operation["requestBody"] = {"required": endpoint.body is not NoBody, "content": content}
    return operation


def _access(endpoint: Endpoint) -> str:
    if endpoint.permission is None:
        return "Open to everybody."
    customers = "; customers see their own" if endpoint.customers else "; not for customers"
    return f"Permission `{endpoint.permission}`{customers}."


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in endpoint.parameters]


def _query_parameters(query: type[BaseModel]) -> list[dict[str, Any]]:
    if query is Query:
        return []
    schema = query.model_json_schema(ref_template=REFERENCE)
    required, definitions = schema.get("required", []), schema.get("$defs", {})
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(each, definitions)}
        for name, each in schema["properties"].items()
    ]


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with references replaced by what they refer to: query parameters share no definitions with bodies."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[re.sub(r".*/", "", schema["$ref"])], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items()}


def _header_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = []
    if endpoint.method == "POST":
        parameters.append({**_IDEMPOTENCY_KEY, "required": endpoint.require_idempotency_key})
    if endpoint.method != "GET":
        parameters.append({**_IF_MATCH, "required": endpoint.require_if_match})
    return parameters


def _responses(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    problem = {MEDIA_TYPE: {"schema": schemas[0, "serialization"]}}
    responses: dict[str, Any] = {str(status): _success(endpoint, schemas) for status in (endpoint.status, *endpoint.statuses)}
    responses["default"] = {"description": "A problem document.", "content": problem}
    return responses


def _success(endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    if endpoint.answer is None:
        return {"description": "Done."}
    return {"description": endpoint.summary, "content": {endpoint.media: {"schema": schemas[id(endpoint), "serialization"]}}}
