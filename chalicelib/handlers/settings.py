"""`/settings`: the operator and its choices. PUT takes back what GET gave; what is left out stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from chalicelib.domain.customer import LineGrouping
from chalicelib.domain.operator import DateOrder, GeneratedInvoices, IssuedInvoices, OperatorSettings, Paper, Restart
from chalicelib.domain.reminders import ReminderStep, ReminderTemplate
from chalicelib.domain.settings_rules import MAX_LOGO_TEXT
from chalicelib.domain.tax import TaxRounding
from chalicelib.handlers.api import Api
from chalicelib.handlers.encoding import plain
from chalicelib.handlers.fields import Id, Name, OneLine, Text
from chalicelib.handlers.party_fields import AddressInput
from chalicelib.handlers.requests import Body, Changes, Request
from chalicelib.handlers.responses import Answer
from chalicelib.services import settings as service

api = Api(__name__)


class SeriesInput(Changes):
    """A number series; the format knows {number}, {number:06}, {year}, {month}."""

    name: str = ""
    format: str = ""
    start: int = 1
    restart: Restart = Restart.NEVER


class ReminderInput(Body):
    """A step: so many days after the due date (negative: before it) this text is sent."""

    days_after_due: int
    template: ReminderTemplate


class SettingsInput(Changes):
    """Any of the settings. `version` may come back as it was given out; it is ignored."""

    name: Name = ""
    address: AddressInput = AddressInput()
    tax_id: OneLine = ""
    email: OneLine = ""
    phone: OneLine = ""
    website: OneLine = ""
    registration: OneLine = ""
    logo: str = Field(default="", max_length=2 * MAX_LOGO_TEXT)
    accent_colour: str = ""
    paper: Paper = Paper.A4
    template_id: Id = "modern"
    payment_details: Text = ""
    footer: Text = ""
    invoice_notes: Text = ""
    line_grouping: LineGrouping = LineGrouping.DESTINATION
    tax_rounding: TaxRounding = TaxRounding.PER_GROUP
    prices_include_tax: bool = False
    issued_invoices: IssuedInvoices = IssuedInvoices.REVISE
    generated_invoices: GeneratedInvoices = GeneratedInvoices.ISSUE
    issue_zero_invoices: bool = False
    settling_hours: int = 0
    date_order: DateOrder = DateOrder.FREE
    number_format: str | None = None
    invoice_series: SeriesInput = SeriesInput()
    credit_note_series: SeriesInput = SeriesInput()
    email_from: OneLine = ""
    portal_url: OneLine = ""
    reminders: list[ReminderInput] = Field(default=[], max_length=len(ReminderTemplate))
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class SettingsAnswer(OperatorSettings):
    """All settings; `number_format` is another name of `invoice_series.format`."""

    number_format: str


NOT_STORED = {"version", "number_format"}
"""Fields of a PUT that are not settings of their own."""


@api.endpoint("GET", "/settings", permission="billing:read", summary="The operator's settings", answer=SettingsAnswer)
def get_settings(_request: Request) -> Answer:
    """The settings, with their version as ETag."""
    return answer_settings(service.get_settings())


@api.endpoint(
    "PUT",
    "/settings",
    permission="settings:write",
    summary="Change settings; what is left out stays",
    body=SettingsInput,
    judge=lambda request: service.check_changes(parse_changes(request.body), request.body.number_format),
    answer=SettingsAnswer,
)
def put_settings(request: Request) -> Answer:
    """Change the settings given."""
    changes = parse_changes(request.body)
    return answer_settings(service.update_settings(changes, request.body.number_format, request.if_match))


def parse_changes(body: SettingsInput) -> dict[str, Any]:
    """The fields that were given."""
    changes = body.model_dump(exclude_unset=True, exclude=NOT_STORED)
    if "reminders" in changes:
        changes["reminders"] = tuple(ReminderStep(**step) for step in changes["reminders"])
    return changes


def answer_settings(settings: OperatorSettings) -> Answer:
    """The settings and their version."""
    return Answer(present_settings(settings), version=settings.version)


def present_settings(settings: OperatorSettings) -> dict[str, Any]:
    """The settings as answered: all fields, and `number_format` beside the series."""
    return {**plain(settings), "number_format": settings.invoice_series.format}
