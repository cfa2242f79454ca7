"""The XML of a long invoice by link: CPU seconds and peak memory from reading the invoice to the kept answer, the app loaded.

The cloud is replaced at the edge of botocore by files; what lies in it was put there by another process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from bench.cases.import_usage import ENVIRONMENT, SETTINGS
from bench.cases.pdf import of_destinations
from bench.fake_cloud import Cloud
from bench.figures import Figure, Size
from bench.stopwatch import cpu_seconds, peak_mib
from chalicelib import wiring
from chalicelib.domain.access import Actor
from chalicelib.services.deps import Deps
from chalicelib.services.e_invoices import Syntax, get_e_invoice
from chalicelib.services.kept_answers import keep_answer
from chalicelib.store import codec, invoices, objects

INVOICE = "acme.20261203.A.1"
TIMES = 50
"""Times the lines of the size: as many as a document may have."""
TARGET_SECONDS, TARGET_MIB = 10, 200
"""A third of what API Gateway waits; of what the function has."""


def run(size: Size) -> list[Figure]:
    """Both syntaxes, and the memory of the process that answers."""
    lines = size.lines * TIMES
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:  # its memory is not what is measured
            items = apart.submit(_store, folder, lines).result()
        cloud = Cloud(Path(folder), [])
        cloud.items.update(items)
        with _edges_replaced(cloud):
            import app  # noqa: F401, PLC0415  # it reads its environment when it is imported

            before = peak_mib()
            figures = [_answer(cloud, syntax, lines) for syntax in (Syntax.UBL, Syntax.CII)]
    note = f"{before:,.0f} before"
    return [*figures, Figure(name="peak memory", value=peak_mib(), unit="MiB", at_most=TARGET_MIB, note=note)]


def _answer(cloud: Cloud, syntax: Syntax, lines: int) -> Figure:
    deps = Deps(clock=lambda: datetime(2026, 12, 4, tzinfo=UTC), new_id=str, settings=SETTINGS)
    reader = Actor(subject="bench")

    def answer() -> None:
        _, pieces = get_e_invoice(reader, INVOICE, None, syntax)
        keep_answer(deps, pieces, "application/xml")

    spent = cpu_seconds(answer)
    note = f"{cloud.uploaded.stat().st_size / 1e6:,.0f} MB"
    return Figure(name=f"{syntax.upper()} of {lines:,} lines", value=spent, unit="CPU s", at_most=TARGET_SECONDS, note=note)


def _store(folder: str, lines: int) -> dict[tuple[str, str], Any]:
    """The items of an issued invoice; its objects are in the folder."""
    cloud = Cloud(Path(folder), [])
    with _edges_replaced(cloud):
        invoice = replace(of_destinations(lines), id=INVOICE, customer_id="acme")
        setattr(invoices, "record_month", lambda _: None)  # noqa: B010  # for lists only, and the fake knows no updates
        invoices.put_invoice_once(invoice, SETTINGS.list_shards)
        objects.put_object(objects.document_key(INVOICE, 0), codec.dump(invoice))
    return cloud.items


@contextmanager
def _edges_replaced(cloud: Cloud) -> Iterator[None]:
    """AWS answered by the fake; the process is the case's own, so the wiring is not put back."""
    os.environ.update(ENVIRONMENT)
    wiring.configure(SETTINGS)
    with patch.object(BaseClient, "_make_api_call", lambda _self, name, params: cloud.answer(name, params)):
        yield
