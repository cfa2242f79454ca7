"""The stack of a local run: the very template that the cloud gets, made by CloudFormation in the emulator.

Made at the first start, brought up to date when the template has changed, otherwise left alone.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.home import LocalError

TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "resources.yaml"
STACK = "billing-local"
WAIT_SECONDS = 60.0
PARAMETERS = [{"ParameterKey": "Stage", "ParameterValue": "local"}, {"ParameterKey": "KeepData", "ParameterValue": "false"}]
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def ensure_stack(client: Any) -> dict[str, str]:
    """Make or update the stack by a CloudFormation client; answers its outputs as environment variables of the functions."""
    body = TEMPLATE.read_text(encoding="utf-8")
    if _find_stack(client) is None:
        client.create_stack(StackName=STACK, TemplateBody=body, Parameters=PARAMETERS)
    else:
        _update(client, body)
    return as_environment(_await_outputs(client))


def as_environment(outputs: dict[str, str]) -> dict[str, str]:
    """Output names as variable names.

    >>> as_environment({"BillQueueUrl": "http://q", "Bucket": "b"})
    {'BILL_QUEUE_URL': 'http://q', 'BUCKET': 'b'}
    """
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper(): value for name, value in outputs.items()}


def _update(client: Any, body: str) -> None:
    try:
        client.update_stack(StackName=STACK, TemplateBody=body, Parameters=PARAMETERS)
    except ClientError as error:
        if "No updates" not in str(error):
            raise LocalError(f"The stack cannot be brought up to date ({error}); begin again with --fresh.") from error


def _await_outputs(client: Any) -> dict[str, str]:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        stack = _find_stack(client) or {}
        status = stack.get("StackStatus", "")
        if status in DONE:
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if not status.endswith("_IN_PROGRESS"):
            raise LocalError(f"The stack ended as {status}: {stack.get('StackStatusReason', 'no reason given')}.")
        time.sleep(0.05)
    raise LocalError(f"The stack was not ready within {WAIT_SECONDS:.0f} s.")


def _find_stack(client: Any) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return None
    return found
