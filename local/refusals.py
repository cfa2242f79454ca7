"""What API Gateway answers by itself, worded as `infra/merge.yaml` has the cloud word it: unknown paths, bodies too large.

Reads the deployed words instead of repeating them, so that a client meets the same refusal here and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MERGED = Path(__file__).resolve().parent.parent / "infra" / "merge.yaml"
HEADER = "gatewayresponse.header."


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that no function gave."""

    status: int
    headers: dict[str, str]
    body: bytes


def build_refusal(kind: str, request_id: str) -> Refusal:
    """The gateway's answer of a kind such as MISSING_AUTHENTICATION_TOKEN, which is how it calls a path that it does not know."""
    worded = _worded()[kind]
    headers = {name.removeprefix(HEADER): value.strip("'") for name, value in worded["responseParameters"].items()}
    body = worded["responseTemplates"]["application/json"].replace("$context.requestId", request_id)
    return Refusal(int(worded["statusCode"]), headers, body.encode())


@cache
def _worded() -> dict[str, Any]:
    api = yaml.safe_load(MERGED.read_text(encoding="utf-8"))["Resources"]["RestAPI"]["Properties"]
    worded: dict[str, Any] = api["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]
    return worded
