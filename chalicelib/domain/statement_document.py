"""A statement of account as paper shows it: frozen with the parties as they were when it was made. A value only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.designs import Design
from chalicelib.domain.invoice import CustomerSnapshot
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.statement import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDocument:
    """All that is printed, and in which design; `made_on` is the customer's day on which it was asked for."""

    operator: OperatorSnapshot
    customer: CustomerSnapshot
    currency: str
    made_on: date
    statement: Statement
    design: Design = Design.MODERN
