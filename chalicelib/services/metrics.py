"""Counts that alarms watch, in CloudWatch's embedded metric format: one JSON line on standard output, no API call."""

from __future__ import annotations

import json
import sys

from chalicelib.services.deps import Deps

NAMESPACE = "Billing"


def count(deps: Deps, metric: str, **facts: str | int) -> None:
    """Count one occurrence; `facts` are kept in the log beside it (no amounts, no personal data)."""
    directive = {"Namespace": NAMESPACE, "Dimensions": [["Stage"]], "Metrics": [{"Name": metric, "Unit": "Count"}]}
    stamp = {"Timestamp": int(deps.clock().timestamp() * 1000), "CloudWatchMetrics": [directive]}
    sys.stdout.write(json.dumps({"_aws": stamp, "Stage": deps.settings.stage, metric: 1, **facts}) + "\n")
