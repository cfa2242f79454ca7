"""The OpenAPI document as one readable page: plain HTML made on the server, so it needs no script and loads nothing."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem;color:#1f2937}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #e5e7eb;text-transform:capitalize}
details{border:1px solid #e5e7eb;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
b{display:inline-block;min-width:4.5rem;font:600 .8rem ui-monospace,monospace}code,pre{font:.85rem ui-monospace,monospace}
pre{background:#f8fafc;border-radius:6px;overflow:auto;padding:.75rem;white-space:pre-wrap}
@media(prefers-color-scheme:dark){body{background:#0b1220;color:#e5e7eb}pre{background:#111827}details,h2{border-color:#374151}}
"""


def render_page(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    info = document["info"]
    groups = "".join(_group(tag, operations) for tag, operations in _by_tag(document).items())
    schemas = "".join(
        _details(f"<code>{escape(name)}</code>", _pre(schema), name) for name, schema in document["components"]["schemas"].items()
    )
    title = escape(info["title"])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title} {escape(info['version'])}</h1>"
        f"<pre>{escape(info['description'])}</pre>{groups}<h2>Schemas</h2>{schemas}</body></html>"
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
    parameters = "".join(_parameter(each) for each in operation["parameters"])
    body = operation.get("requestBody", {}).get("content", {})
    parts = [f"<p>{escape(operation['description'])}</p>", f"<ul>{parameters}</ul>" if parameters else ""]
    parts += ["<p>Request</p>" + _pre(body) if body else "", "<p>Responses</p>" + _pre(operation["responses"])]
    return _details(head, "".join(parts), operation["operationId"])


def _parameter(parameter: dict[str, Any]) -> str:
    needed = "required" if parameter["required"] else "optional"
    return f"<li><code>{escape(parameter['name'])}</code> in {parameter['in']}, {needed}</li>"


def _details(head: str, content: str, anchor: str) -> str:
    return f'<details id="{escape(anchor)}"><summary>{head}</summary>{content}</details>'


def _pre(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, indent=1, ensure_ascii=False))}</pre>"
