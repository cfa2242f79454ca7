"""Documents that together show every part of the page: for the tests of rendering and for looking at with eyes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.domain.customer import Address
from chalicelib.domain.invoice import (
    CustomerSnapshot,
    Invoice,
    InvoiceKind,
    InvoiceStatus,
    Line,
    LineKind,
    LineUsage,
    PrintedPeriod,
)
from chalicelib.domain.operator import OperatorSnapshot
from chalicelib.domain.tax import TaxCategory
from chalicelib.domain.totals import apply_totals
from tests.support.builders import a_line, an_invoice, tax

NOVEMBER = PrintedPeriod(start_date=date(2026, 11, 1), end_date=date(2026, 11, 30))
DESTINATIONS = (
    "UK Mobile",
    "UK Fixed",
    "Germany Mobile",
    "France Fixed",
    "Poland Mobile Play",
    "Spain Fixed",
    "United States",
    "Italy TIM",
)
LOGO = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 196 48'><defs><linearGradient id='g' "
    "gradientUnits='userSpaceOnUse' x1='0' y1='0' x2='48' y2='48'><stop offset='0' stop-color='%232563eb'/><stop offset='1' "
    "stop-color='%2314b8a6'/></linearGradient></defs><rect width='48' height='48' rx='11' fill='url(%23g)'/><path d='M12 31c6-14 "
    "18-14 24 0' stroke='white' stroke-width='4' stroke-linecap='round' fill='none'/><circle cx='24' cy='31' r='4' fill='white'/>"
    "<path d='M66 12h22M77 12v25M98 12v25h16M124 12h16M124 24h14M124 37h16M124 12v25M152 12v25h14M180 24m-12 0a12.5 12.5 0 1 0 "
    "25 0a12.5 12.5 0 1 0 -25 0' stroke='%230f172a' stroke-width='4.5' fill='none'/></svg>"
)
IBAN_DETAILS = "Musterbank Berlin\nIBAN DE02 1203 0000 0000 2020 51\nBIC BYLADEM1001"


def an_operator(**fields: Any) -> OperatorSnapshot:
    """A Berlin operator with everything filled in."""
    base = OperatorSnapshot(
        name="Telco Rhein-Spree GmbH",
        address=Address(line1="Schönhauser Allee 36", postcode="10435", city="Berlin", country="DE"),
        tax_id="DE314159265",
        email="billing@telco.example",
        phone="+49 30 1234567",
        website="telco.example",
        registration="HRB 123456 B",
        logo=LOGO,
        payment_details=IBAN_DETAILS,
        footer="Managing director: Erika Mustermann",
    )
    return replace(base, **fields)


def a_buyer(**fields: Any) -> CustomerSnapshot:
    """A Warsaw customer."""
    base = CustomerSnapshot(
        id="01hxinternalid",
        name="Zażółć Gęślą Sp. z o.o.",
        address=Address(line1="ul. Świętokrzyska 12", postcode="00-044", city="Warszawa", country="PL"),
        tax_id="PL5260001246",
        external_id="crm-internal-77",
    )
    return replace(base, **fields)


def a_usage_line(position: int, **fields: Any) -> Line:
    """A usage line of a destination in November."""
    calls = 37 * position % 911 + 3
    usage = LineUsage(calls=calls, attempts=calls + 9, duration_seconds=calls * 171, billed_seconds=calls * 174, destination="d")
    name = DESTINATIONS[position % len(DESTINATIONS)]
    base = a_line(
        str(position),
        Decimal(calls * 174) / 100,
        kind=LineKind.USAGE,
        description=name,
        start_date=NOVEMBER.start_date,
        end_date=NOVEMBER.end_date,
        usage=usage,
        tax=tax(19),
    )
    return replace(base, **fields)


def usage_lines(count: int) -> tuple[Line, ...]:
    """That many usage lines."""
    return tuple(a_usage_line(position) for position in range(1, count + 1))


def an_issued(**fields: Any) -> Invoice:
    """An issued invoice of November over eight mixed lines."""
    base = an_invoice(
        status=InvoiceStatus.ISSUED,
        number="INV-2026-000417",
        operator=an_operator(),
        customer=a_buyer(),
        invoice_date=date(2026, 12, 3),
        due_date=date(2027, 1, 2),
        issued_at=datetime(2026, 12, 3, 6, 10, tzinfo=UTC),
        period=NOVEMBER,
        buyer_reference="PO 88-1273",
        notes="Late payment interest may be charged under Directive 2011/7/EU.\nThank you for your business.",
    )
    return apply_totals(replace(base, **{"lines": mixed_lines(), **fields}))


def mixed_lines() -> tuple[Line, ...]:
    """A recurring package, a set-up charge, usage, late usage and a discount."""
    month: dict[str, Any] = {"start_date": NOVEMBER.start_date, "end_date": NOVEMBER.end_date, "tax": tax(19)}
    late_day = NOVEMBER.start_date - timedelta(days=2)
    return (
        a_line(
            "p1",
            "24.90",
            12,
            kind=LineKind.PACKAGE,
            description="Hosted PBX seat",
            unit="seats",
            package_id="pkg-internal",
            **month,
        ),
        a_line("p2", "89.00", kind=LineKind.PACKAGE, description="SIP trunk, 30 channels", discount_percent=Decimal(10), **month),
        a_line("s1", "149.00", kind=LineKind.SETUP, description="Number porting, set-up", tax=tax(19)),
        *(replace(line, tax=tax(19)) for line in usage_lines(3)),
        a_usage_line(
            4,
            kind=LineKind.LATE_USAGE,
            description="Germany Mobile, late calls",
            start_date=late_day,
            end_date=late_day,
            original_invoice_number="INV-2026-000389",
        ),
        a_line("m1", "0.0125", 4300, description="Printed number plates", unit="pieces", tax=tax(7)),
    )


def a_draft(**fields: Any) -> Invoice:
    """The same before it has a number."""
    return replace(an_issued(), status=InvoiceStatus.DRAFT, number=None, issued_at=None, **fields)


def in_yen(**fields: Any) -> Invoice:
    """A currency without decimals."""
    lines = (a_line("1", 128000, 2, tax=tax(10)), a_line("2", "3.5", 1201, description="Minutes, domestic", tax=tax(10)))
    return an_issued(**{"currency": "JPY", "lines": lines, "customer": a_buyer(locale="en-GB"), **fields})


def in_dinar(**fields: Any) -> Invoice:
    """A currency of three decimals for an Arabic reader: the page runs from right to left."""
    address = Address(line1="شارع فهد السالم ١٢", city="مدينة الكويت", postcode="13001", country="KW")
    buyer = a_buyer(name="شركة الخليج للاتصالات", locale="ar-KW", address=address, tax_id="KW-300123")
    none = tax(0, TaxCategory.OUT_OF_SCOPE, name="", reason="")
    lines = (
        a_line(
            "1", "12.500", 4, description="مقعد سنترال سحابي", tax=none, start_date=date(2026, 11, 1), end_date=date(2026, 11, 30)
        ),
        *(replace(line, tax=none) for line in usage_lines(4)),
    )
    notes = "شكرًا لتعاملكم معنا."
    return an_issued(**{"currency": "KWD", "lines": lines, "customer": buyer, "notes": notes, **fields})


FIGURES_IN_GROUPS: dict[str, Any] = {
    "number": "2026-000417",
    "buyer_reference": "4500 123 77",
    "operator": an_operator(tax_id="300 123 456", payment_details="1001 2345 6789\nرقم الحساب 1002 3456 7890"),
}
"""Fields without a letter in them, or behind letters that run from right to left; their groups must keep their order."""


def with_many_taxes(**fields: Any) -> Invoice:
    """Two rates, an exemption and a reverse charge."""
    reverse = tax(
        0, TaxCategory.REVERSE_CHARGE, reason="VAT to be accounted for by the recipient, Art. 196 Directive 2006/112/EC"
    )
    lines = (
        a_line("1", "1250.00", description="Hosted PBX", tax=tax(19)),
        a_line("2", "89.95", 3, description="Printed handbooks", tax=tax(7)),
        a_line(
            "3", "300.00", description="Operator training", tax=tax(0, TaxCategory.EXEMPT, reason="Exempt under § 4 No. 21 UStG")
        ),
        a_line("4", "4800.00", description="Interconnect, Warsaw", tax=reverse),
    )
    return an_issued(**{"lines": lines, **fields})


def a_credit_note(**fields: Any) -> Invoice:
    """Part of an invoice taken back."""
    lines = (a_line("1", "24.90", 2, description="Hosted PBX seat", unit="seats", tax=tax(19)),)
    base = an_issued(
        kind=InvoiceKind.CREDIT_NOTE, number="CN-1007", reason="Two seats were never delivered.", notes="", lines=lines
    )
    original = {"original_invoice_id": "acme.20261203.R", "original_invoice_number": "INV-2026-000417"}
    return replace(base, **{**original, "original_invoice_date": date(2026, 11, 3), **fields})


def with_long_names(**fields: Any) -> Invoice:
    """Names, words, prices and amounts far longer than usual."""
    words = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft "
    lines = (
        a_line("1", "1234567.123456789", 98765, description=words * 2, tax=tax(19)),
        a_line("2", "1", description="x" * 180, unit="standard business units", tax=tax("21.375")),
    )
    operator = an_operator(name=words.strip() + " & Söhne Kommunikationsdienstleistungen GmbH & Co. KG", logo="")
    buyer = a_buyer(name=(words * 2).strip(), locale="de")
    return an_issued(**{"lines": lines, "operator": operator, "customer": buyer, "buyer_reference": "4500-" + "9" * 60, **fields})


def of_all_kinds(count: int) -> tuple[Line, ...]:
    """That many usage lines, and after them lines of every other kind, some with long names."""
    return (*usage_lines(count), *mixed_lines(), *with_long_names().lines)


def of_nothing(**fields: Any) -> Invoice:
    """A zero total: nothing to pay."""
    return an_issued(**{"lines": (a_usage_line(1, unit_price=Decimal(0), description="Free calls"),), "notes": "", **fields})


def in_hebrew(**fields: Any) -> Invoice:
    """Shekels for a Hebrew reader: a page from right to left with Latin names on it."""
    address = Address(line1="רוטשילד 22", city="תל אביב", postcode="6688218", country="IL")
    buyer = a_buyer(name="בזק תקשורת בע״מ", locale="he-IL", address=address, tax_id="514159265")
    lines = (
        a_line("1", "249.90", 3, description="מרכזייה בענן", unit="משתמשים", tax=tax(17)),
        a_line("2", "1499", description="SIP trunk, 30 ערוצים", tax=tax(17), discount_percent=Decimal(10)),
        *(replace(line, tax=tax(17)) for line in usage_lines(3)),
    )
    return an_issued(**{"currency": "ILS", "lines": lines, "customer": buyer, "notes": "תודה רבה.", **fields})


def in_thai(**fields: Any) -> Invoice:
    """Baht and a Thai customer: a script without spaces between words."""
    address = Address(line1="99/9 ถนนพระรามที่ 9 แขวงห้วยขวาง", city="กรุงเทพมหานคร", postcode="10310", country="TH")
    buyer = a_buyer(name="บริษัท สยามโทรคมนาคม จำกัด (มหาชน)", locale="th-TH", address=address, tax_id="0105536000315")
    described = "บริการโทรศัพท์ระบบคลาวด์สำหรับสำนักงานใหญ่และสาขาทั้งหมดในกรุงเทพมหานครและปริมณฑล"
    lines = (a_line("1", "1850", 4, description=described, tax=tax(7)), *(replace(line, tax=tax(7)) for line in usage_lines(3)))
    return an_issued(**{"currency": "THB", "lines": lines, "customer": buyer, "notes": "ขอบคุณที่ใช้บริการ", **fields})


def in_chinese(**fields: Any) -> Invoice:
    """Yuan for a Chinese reader: wide letters, and no spaces to break lines at."""
    address = Address(line1="浦东新区世纪大道100号环球金融中心", city="上海市", postcode="200120", country="CN")
    buyer = a_buyer(name="上海电信技术服务有限公司", locale="zh-CN", address=address, tax_id="91310000775785552L")
    described = "云电话系统座席、含国内长途、会议与录音、适用于总部及全部分支机构的标准服务套餐"
    lines = (a_line("1", "188", 6, description=described, tax=tax(6)), *(replace(line, tax=tax(6)) for line in usage_lines(3)))
    return an_issued(**{"currency": "CNY", "lines": lines, "customer": buyer, "notes": "感谢您的惠顾。", **fields})


def in_many_scripts(**fields: Any) -> Invoice:
    """Names in every script that the fonts have, and more than one in a line."""
    names = (
        "Ελλάδα κινητό",
        "Україна, мобільний",
        "الخليج Gulf Mobile 4G",
        "ישראל Cellcom 050",
        "ไทย AIS Mobile",
        "Việt Nam Viettel",
        "भारत मोबाइल",
        "中国移动, 臺灣大哥大, ドコモ携帯, 대한민국",
    )
    lines = tuple(replace(line, description=name) for line, name in zip(usage_lines(len(names)), names, strict=True))
    return an_issued(**{"lines": lines, "customer": a_buyer(name="Gulf الخليج & בזק Ltd. (ไทย)"), **fields})


def with_prices_including_tax(**fields: Any) -> Invoice:
    """A consumer's invoice: prices with tax, amounts without."""
    lines = (
        a_line("1", "29.90", 2, description="Home line", unit="months", tax=tax(19)),
        a_line("2", "4.99", description="Flat rate, mobile", tax=tax(19), discount_percent=Decimal(50)),
        a_line("3", "12.00", description="Telephone book", tax=tax(7)),
    )
    return an_issued(**{"lines": lines, "prices_include_tax": True, **fields})
