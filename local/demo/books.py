"""The demo as a clerk sees it afterwards: invoices read, payments recorded and allocated, PDFs downloaded by link."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from local.demo.api import Api, download
from local.demo.progress import Stages
from local.home import LocalError

FULL = ("alpenblick-hotels", "thames-assurance", "naniwa-trading", "gulf-petro", "polder-bloemen", "mesa-solar", "konkan-spices")
"""Pay their oldest invoice in full, allocated by strategy."""
HALF = ("hanse-logistik", "hudson-brokerage", "carioca-turismo")
"""Pay half of an invoice, allocated by hand."""
TOO_MUCH = ("sakura-denki", "kinderhilfe-nord")
"""Pay three times as much as their oldest invoice; what is left stays as credit."""
SAMPLES = ("gulf-petro", "sakura-denki", "polder-bloemen", "kinderhilfe-nord", "hanse-logistik", "souq-online", "paulista-cambio")
"""Very different customers, whose latest PDFs are downloaded to be looked at."""

Invoice = dict[str, Any]


def read_invoices(api: Api) -> list[Invoice]:
    """Every invoice with its lines."""
    return [api.get(f"/invoices/{item['id']}") for item in api.pages("/invoices")]


def record_payments(api: Api, stages: Stages) -> int:
    """Some customers pay; answers how many payments were recorded."""
    payers = (
        [(customer, 1) for customer in FULL] + [(customer, 2) for customer in HALF] + [(customer, 3) for customer in TOO_MUCH]
    )
    with stages.stage("Payments", len(payers)) as advance:
        for count, (customer, manner) in enumerate(payers, 1):
            _pay(api, customer, manner)
            advance(count)
    return len(payers)


def download_samples(api: Api, invoices: list[Invoice], folder: Path) -> dict[str, str]:
    """Download a PDF of each sample customer through its presigned link; answers the links by file name."""
    links = {}
    for customer in SAMPLES:
        invoice = max((one for one in invoices if one["customer_id"] == customer), key=lambda one: Decimal(one["total"]))
        answer = api.get(f"/invoices/{invoice['id']}/pdf")
        content = download(answer["url"])
        if not content.startswith(b"%PDF-"):
            raise LocalError(f"The link of invoice {invoice['number']} gives no PDF.")
        path = folder / f"{invoice['number']}-{customer}.pdf"
        path.write_bytes(content)
        links[path.name] = answer["url"]
    return links


def _pay(api: Api, customer: str, manner: int) -> None:
    oldest = min(api.pages("/invoices", customer_id=customer), key=lambda one: (one["invoice_date"], one["number"]))
    total = Decimal(oldest["total"])
    amount = {1: total, 2: (total / 2).quantize(total, ROUND_DOWN), 3: total * 3}[manner]
    body = {
        "customer_id": customer,
        "amount": str(amount),
        "currency": oldest["currency"],
        "date": oldest["invoice_date"],
        "method": "bank transfer",
        "reference": f"BT-{oldest['number']}",
        "description": f"Payment for {oldest['number']} # entered by the demo",
    }
    payment = api.post("/payments", body)
    by_hand = {"allocations": [{"invoice_id": oldest["id"], "amount": str(amount)}]}
    api.post(f"/payments/{payment['id']}/allocate", by_hand if manner == 2 else {"strategy": "oldest_due_first"})  # noqa: PLR2004
