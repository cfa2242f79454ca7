"""Code, configuration, policies and template describe the same deployment."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from chalicelib.config import REQUIRED
from chalicelib.domain.errors import CODES
from chalicelib.store.change_records import TOLD

ROOT = Path(__file__).parents[2]
CONFIG = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
FUNCTIONS: dict[str, dict[str, Any]] = CONFIG["lambda_functions"]
RESOURCES = yaml.safe_load((ROOT / "infra" / "resources.yaml").read_text(encoding="utf-8"))["Resources"]
MERGED = yaml.safe_load((ROOT / "infra" / "merge.yaml").read_text(encoding="utf-8"))["Resources"]
POLICIES = {
    path.name: json.loads(path.read_text(encoding="utf-8"))["Statement"] for path in (ROOT / ".chalice").glob("policy-*.json")
}
OUTSIDE = (":log-group:/aws/lambda/", ":identity/${EmailIdentity}", ":configuration-set/${MailReports}", ":event-bus/default")
"""Ends of the only names that are not those of what the stack keeps."""

METRICS_OF_AN_ALARM = 10
STATUS = {"not_found": 404, "payload_too_large": 413, "rate_limited": 429, "unavailable": 503}


def handlers() -> set[str]:
    """Names of the functions that app.py declares, and of the one that answers HTTP."""
    app = importlib.import_module("app").app
    return {
        "api_handler",
        *(source.name for source in app.event_sources),
        *(function.name for function in app.pure_lambda_functions),
    }


def logical_name(function: str) -> str:
    """The name Chalice gives a function in CloudFormation."""
    return "APIHandler" if function == "api_handler" else "".join(part.capitalize() for part in function.split("_"))


def test_every_handler_is_configured(deployment: object) -> None:
    """app.py and config.json name the same functions: none runs with default rights, none is configured for nothing."""
    assert handlers() == set(FUNCTIONS)


def test_every_function_has_its_policy_and_limits() -> None:
    """Each function states its memory, time limit and rights, and no policy lies about unused."""
    assert {name: sorted(settings) for name, settings in FUNCTIONS.items()} == {
        name: ["iam_policy_file", "lambda_memory_size", "lambda_timeout"] for name in FUNCTIONS
    }
    assert {settings["iam_policy_file"] for settings in FUNCTIONS.values()} == set(POLICIES)
    assert CONFIG["autogen_policy"] is False


BATCHED = {"BillQueue": "bill_customers", "NoticesQueue": "send_notices", "MailsQueue": "send_mails"}
"""Queues and the functions that work them off."""


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policies_name_actions_and_resources(name: str) -> None:
    """No policy allows everything, or anything outside the stack but its own logs, its sender of mails and the event bus."""
    for statement in POLICIES[name]:
        assert not [action for action in statement["Action"] if "*" in action], statement["Sid"]
        targets = [resource["Fn::Sub"] for resource in statement["Resource"]]
        assert all(target.startswith("${") or any(name in target for name in OUTSIDE) for target in targets), statement["Sid"]
        named = {target[2:].split(".")[0] for target in targets if target.startswith("${")}
        assert named <= set(RESOURCES), statement["Sid"]


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policies_allow_logging(name: str) -> None:
    """A policy file replaces Chalice's own, which would have allowed it."""
    allowed = {action for statement in POLICIES[name] for action in statement["Action"]}
    assert {"logs:CreateLogStream", "logs:PutLogEvents"} <= allowed


def test_every_function_gets_the_environment() -> None:
    """The merged template gives each function the same references to tables, bucket and queue."""
    given = {name: MERGED[logical_name(name)]["Properties"]["Environment"]["Variables"] for name in FUNCTIONS}
    assert {frozenset(variables) for variables in given.values()} == {frozenset(given["api_handler"])}
    assert set(REQUIRED) <= set(given["api_handler"])


def test_every_function_is_watched() -> None:
    """The alarms on errors add up all functions, each at most as many as CloudWatch allows."""
    alarms = [MERGED[name]["Properties"]["Metrics"] for name in ("FunctionErrorsAlarm", "TellingErrorsAlarm")]
    metrics = [[metric["MetricStat"]["Metric"] for metric in alarm if "MetricStat" in metric] for alarm in alarms]
    watched = {metric["Dimensions"][0]["Value"]["Ref"] for some in metrics for metric in some}
    assert watched == {logical_name(name) for name in FUNCTIONS}
    assert max(map(len, metrics)) <= METRICS_OF_AN_ALARM


def test_message_stays_hidden_while_it_is_worked_on() -> None:
    """A message is hidden for six times the function's time limit, as AWS asks for, and gets five tries."""
    for name, function in BATCHED.items():
        queue = RESOURCES[name]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * FUNCTIONS[function]["lambda_timeout"]
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5


def test_asynchronous_failures_are_kept() -> None:
    """What a schedule or an upload started and failed three times goes to a queue that its function may write to."""
    for name in set(FUNCTIONS) - {"api_handler", *BATCHED.values(), "record_changes"}:
        target = MERGED[logical_name(name)]["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
        assert target == {"Fn::GetAtt": ["FailedEvents", "Arn"]}
        statements = POLICIES[FUNCTIONS[name]["iam_policy_file"]]
        assert any("sqs:SendMessage" in s["Action"] and {"Fn::Sub": "${FailedEvents.Arn}"} in s["Resource"] for s in statements)


def test_the_stream_starts_its_function_for_what_is_told_of_alone() -> None:
    """The filter knows the items that the code reads; what fails is kept in a queue that the function may write to."""
    source = MERGED["RecordChanges"]["Properties"]["Events"]["RecordChangesDynamodbEventSource"]["Properties"]
    patterns = [json.loads(each["Pattern"])["dynamodb"] for each in source["FilterCriteria"]["Filters"]]
    assert [image["t"]["S"] for pattern in patterns for image in pattern.values()] == [list(TOLD), list(TOLD)]
    assert source["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["FailedEvents", "Arn"]}
    statements = POLICIES[FUNCTIONS["record_changes"]["iam_policy_file"]]
    assert any("sqs:SendMessage" in s["Action"] and {"Fn::Sub": "${FailedEvents.Arn}"} in s["Resource"] for s in statements)


def test_templates_are_shipped_through_vendor() -> None:
    """Chalice packs chalicelib and vendor only; a link brings the templates along."""
    assert (ROOT / "vendor" / "templates").readlink() == Path("../templates")


def test_the_gateway_refuses_in_our_words() -> None:
    """What API Gateway answers by itself has status, code and texts of the catalogue, and says when to come again."""
    answers = MERGED["RestAPI"]["Properties"]["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]
    for answer in answers.values():
        problem = json.loads(answer["responseTemplates"]["application/json"])
        (status, title) = (STATUS[problem["code"]], CODES[problem["code"]])
        assert (answer["statusCode"], problem["status"], problem["title"]) == (str(status), status, title)
        assert (problem["type"], problem["request_id"]) == (f"/errors/{problem['code']}", "$context.requestId")
        assert set(problem) == {"type", "title", "status", "code", "detail", "request_id", "issues"}
        given = {name.removeprefix("gatewayresponse.header."): value for name, value in answer["responseParameters"].items()}
        assert given["Content-Type"] == "'application/problem+json'"
        assert ("Retry-After" in given) == (status in {429, 503})
    assert answers["INVALID_SIGNATURE"] == answers["MISSING_AUTHENTICATION_TOKEN"]
