"""The OpenAPI document as one readable page: plain HTML made on the server, so it needs no script and loads nothing."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from chalicelib.handlers.openapi_schemas import write_inline, write_schema, write_table, write_type

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem;color:#1f2937}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #e5e7eb;text-transform:capitalize}
details{border:1px solid #e5e7eb;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
b{display:inline-block;min-width:4.5rem;font:600 .8rem ui-monospace,monospace}code{font:.85rem ui-monospace,monospace}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{border-bottom:1px solid #e5e7eb;padding:.25rem .75rem .25rem 0;
text-align:left;vertical-align:top}td:first-child{white-space:nowrap}td:last-child{overflow-wrap:anywhere}a{color:#1d4ed8}
div[id]{scroll-margin-top:4rem}
@media(prefers-color-scheme:dark){body{background:#0b1220;color:#e5e7eb}a{color:#93c5fd}details,h2,th,td{border-color:#374151}}
"""
_ENTRY = re.compile(r"\* `([^`]+)`: (.*)")


def render_page(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    info = document["info"]
    groups = "".join(_group(tag, operations) for tag, operations in _by_tag(document).items())
    schemas = "".join(
        _details(f"<code>{escape(name)}</code>", write_schema(schema), name)
        for name, schema in document["components"]["schemas"].items()
    )
    title = escape(info["title"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title} {escape(info['version'])}</h1>"
        f"{_prose(info['description'])}{groups}<h2>Schemas</h2>{schemas}</body></html>"
    )


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    return groups


def _group(tag: str, operations: list[tuple[str, str, dict[str, Any]]]) -> str:
    return f"<h2>{escape(tag)}</h2>" + "".join(_operation(*each) for each in operations)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    head = f"<b>{method}</b> <code>{escape(path)}</code> {escape(operation['summary'])}"
    body = operation.get("requestBody", {}).get("content", {})
    parts = [f"<p>{write_inline(operation['description'])}</p>", _parameters(operation["parameters"])]
    parts += [f"<p>Request: {_content(body)}</p>"] if body else []
    answers = [(escape(status), *_answer(each)) for status, each in operation["responses"].items()]
    return _details(head, "".join((*parts, write_table(("status", "answer", "body"), answers))), operation["operationId"])


def _answer(response: dict[str, Any]) -> tuple[str, str]:
    return escape(response["description"]), _content(response.get("content", {}))


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = [
        (f"<code>{escape(each['name'])}</code>", each["in"], write_type(each["schema"]), _needed(each)) for each in parameters
    ]
    return write_table(("parameter", "in", "type", ""), rows) if rows else ""


def _needed(parameter: dict[str, Any]) -> str:
    told = parameter.get("description") or parameter["schema"].get("description", "")
    return " ".join(filter(None, ("Required." if parameter["required"] else "Optional.", write_inline(told))))


def _content(content: dict[str, Any]) -> str:
    return "; ".join(f"{write_type(each['schema'])} ({escape(media)})" for media, each in content.items())


def _prose(text: str) -> str:
    """Paragraphs, and lists of names with their meaning as tables."""
    return "".join(_block(block) for block in text.split("\n\n"))


def _block(block: str) -> str:
    entries = [_ENTRY.fullmatch(line) for line in block.split("\n")]
    rows = [(f"<code>{escape(entry[1])}</code>", write_inline(entry[2])) for entry in entries if entry]
    return write_table(("name", "meaning"), rows) if rows else f"<p>{write_inline(block)}</p>"


def _details(head: str, content: str, anchor: str) -> str:
    """The anchor is within, for a link to it opens what it is in."""
    return f'<details><summary>{head}</summary><div id="{escape(anchor)}">{content}</div></details>'
