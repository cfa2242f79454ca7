"""Schemas of the OpenAPI document as HTML: fields as tables, types in words, and links to what they refer to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minimum": "from {}",
    "maximum": "to {}",
    "pattern": "matches {}",
    "default": "default {}",
}
"""What is told of a field besides its type."""
_CODE = re.compile(r"`([^`]+)`")


def write_schema(schema: dict[str, Any]) -> str:
    """A named schema: its description, and its fields as a table, or its type."""
    told = f"<p>{write_inline(schema['description'])}</p>" if "description" in schema else ""
    fields = schema.get("properties")
    if not fields:
        return f"{told}<p>{write_type(schema)}</p>"
    needed = set(schema.get("required", ()))
    rows = [
        (f"<code>{escape(name)}</code>", write_type(each), _notes(each, is_needed=name in needed))
        for name, each in fields.items()
    ]
    return told + write_table(("field", "type", ""), rows)


def write_type(schema: dict[str, Any]) -> str:
    """A type in words, with links to named schemas."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}"><code>{name}</code></a>'
    if "enum" in schema or "const" in schema:
        return " | ".join(_code(value) for value in schema.get("enum", [schema.get("const")]))
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(write_type(each) for each in schema[key])
    return _write_plain_type(schema)


def write_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of HTML cells."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in head)}</tr>{body}</table>"


def write_inline(text: str) -> str:
    """Text with its names in backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _write_plain_type(schema: dict[str, Any]) -> str:
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"list of {write_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"mapping to {write_type(schema['additionalProperties'])}"
    return escape(" ".join(filter(None, (kind, schema.get("format")))))


def _notes(schema: dict[str, Any], *, is_needed: bool) -> str:
    """Whether it is required, and its limits, also those of its alternatives."""
    every = [schema, *schema.get("anyOf", ())]
    limits = [words.format(_code(each[key])) for each in every for key, words in LIMITS.items() if key in each]
    told = [write_inline(schema["description"])] if "description" in schema else []
    return "; ".join((["required"] if is_needed else []) + told + limits)


def _code(value: object) -> str:
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"
