"""The payment QR code (EPC069-12, "GiroCode"): a SEPA transfer of the amount due, quoting the number.

Made only when every part of it is certain: euro, issued, something due, exactly one valid SEPA IBAN in the payment details.
Refuses to guess.
"""

from __future__ import annotations

import io
import re
from decimal import Decimal

from chalicelib.domain.invoice import Invoice, InvoiceKind, InvoiceStatus
from chalicelib.render.printable import printable

SEPA_IBANS = (
    "AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FR27 GB22 GI23 GR27 HR21 HU28 IE22 IS26 IT27 LI21 LT20 LU20 "
    "LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22"
)
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in SEPA_IBANS.split()}
"""Length of an IBAN by country, for the countries of the SEPA area (ISO 13616 registry)."""

LARGEST_TRANSFER = Decimal("999999999.99")
IBAN_START = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}")


def find_iban(text: str) -> str | None:
    """The one valid SEPA IBAN in the text, without spaces; None when there is none or more than one."""
    found = {iban for match in IBAN_START.finditer(text) if (iban := _iban_at(text, match.start()))}
    return found.pop() if len(found) == 1 else None


def build_payment_code(invoice: Invoice) -> str | None:
    """The text of the QR code (EPC069-12 version 002, character set UTF-8), or None where a part is missing or unsure."""
    iban = find_iban(invoice.operator.payment_details)
    payable = invoice.kind is InvoiceKind.INVOICE and invoice.status is InvoiceStatus.ISSUED and invoice.number
    if not (iban and payable and invoice.currency == "EUR" and 0 < invoice.amount_due <= LARGEST_TRANSFER):
        return None
    name, number = (_one_line(text, limit) for text, limit in ((invoice.operator.name, 70), (invoice.number or "", 140)))
    return "\n".join(["BCD", "002", "1", "SCT", "", name, iban, f"EUR{invoice.amount_due:.2f}", "", "", number])


def draw_payment_code(text: str) -> bytes:
    """The QR code as SVG, error correction M as EPC069-12 asks, without a border (the page is white around it)."""
    import segno  # noqa: PLC0415  # only the render function pays for it

    drawn = io.BytesIO()
    segno.make(text, error="m", encoding="utf-8", eci=False, boost_error=False, micro=False).save(
        drawn, kind="svg", border=0, dark="#0f172a", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return drawn.getvalue()


def _iban_at(text: str, start: int) -> str | None:
    length = IBAN_LENGTHS.get(text[start : start + 2])
    compact = re.sub(r"[ \u00a0]", "", text[start : start + 60])[: length or 0]
    if not length or len(compact) != length or not re.fullmatch(r"[A-Z0-9]+", compact):
        return None
    digits = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return compact if int(digits) % 97 == 1 else None


def _one_line(text: str, limit: int) -> str:
    return " ".join(str(printable(text)).split())[:limit]
