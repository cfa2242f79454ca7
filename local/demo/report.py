"""The table at the end of the demo, on standard output."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from local.demo.check import Check
from local.demo.world import Month, read_customers

SHOWN_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the report shows."""

    month: Month
    batches: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    check: Check
    links: dict[str, str]
    payments: int
    seconds: dict[str, float]

    @property
    def passed(self) -> bool:
        """True when the files and the product agree on every invoice and every count."""
        return not self.check.differences and all(mine == theirs for _, mine, theirs in self.counts)

    @property
    def counts(self) -> tuple[tuple[str, int, int], ...]:
        """Name, what the product reported, what the files hold."""
        return (
            ("Calls in", self._sum("rows"), self.check.calls),
            ("Duplicates", self._sum("duplicates"), self.check.duplicates),
            ("Rejected", self._sum("rejected"), self.check.rejected),
        )

    def _sum(self, name: str) -> int:
        return sum(batch[name] for batch in self.batches)


def print_report(outcome: Outcome) -> None:
    """Print counts, invoices, sums, seconds, the verdict and a link."""
    console = Console(width=100)
    console.print(f"\n[bold]Demo month {outcome.month.label}[/bold]")
    for table in (_counts(outcome), _invoices(outcome), _sums(outcome), _seconds(outcome)):
        console.print(table)
    for difference in outcome.check.differences[:SHOWN_DIFFERENCES]:
        console.print(f"[red]{difference}[/red]")
    verdict = "[green]agree to the cent[/green]" if outcome.passed else "[red]do NOT agree[/red]"
    console.print(f"DuckDB's addition of the files and {outcome.check.invoices} invoices with usage {verdict}.")
    name, link = next(iter(outcome.links.items()))
    console.print(f"{len(outcome.links)} PDFs downloaded by link into demo/ of the data directory, such as {name}:")
    console.print(link, soft_wrap=True, highlight=False)


def _counts(outcome: Outcome) -> Table:
    table = Table("", "product", "files", title="Calls")
    for name, mine, theirs in outcome.counts:
        table.add_row(name, f"{mine:,}", f"{theirs:,}")
    return table


def _invoices(outcome: Outcome) -> Table:
    frequency = {customer.id: customer.frequency for customer in read_customers(outcome.month)}
    counts: dict[str, int] = defaultdict(int)
    for invoice in outcome.invoices:
        counts[frequency[invoice["customer_id"]]] += 1
    table = Table("frequency", "invoices", title="Invoices")
    for name in ("daily", "weekly", "monthly"):
        table.add_row(name, str(counts[name]))
    table.add_row("payments recorded", str(outcome.payments))
    return table


def _sums(outcome: Outcome) -> Table:
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for invoice in outcome.invoices:
        figures = [Decimal(invoice[name]) for name in ("subtotal", "tax_total", "total", "amount_due")]
        sums[invoice["currency"]] = [before + more for before, more in zip(sums[invoice["currency"]], figures, strict=True)]
    table = Table("currency", "net", "tax", "total", "due", title="Sums per currency")
    for currency in sorted(sums):
        table.add_row(currency, *(f"{figure:,}" for figure in sums[currency]))
    return table


def _seconds(outcome: Outcome) -> Table:
    table = Table("stage", "seconds", title="Time")
    for name, seconds in outcome.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    return table
