"""django-silver's own generator over customers with twenty metered features each; runs in the peer's environment, never in ours.

Prints JSON: CPU seconds of `DocumentsGenerator.generate` alone, and what it made. SQLite in memory, debugging off, drafts issued
by the provider's own default, so that the peer does what a run of ours does: lines, totals, number, snapshots. Its usage is given
as one sum per feature, where we read a sum per day and feature.

    build/peer/bin/python bench/peer/generate.py CUSTOMERS
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

FEATURES = 20
START, BILLED_ON = date(2026, 10, 1), date(2026, 11, 1)


def configure() -> None:
    """Django with the peer's applications and nothing else."""
    settings.configure(
        DEBUG=False,
        SECRET_KEY="bench",  # noqa: S106  # nothing is signed for anybody
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "dal",
            "dal_select2",
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "silver",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        SILVER_DEFAULT_DUE_DAYS=5,
        SILVER_DOCUMENT_PREFIX="documents/",
        SILVER_DOCUMENT_STORAGE=None,
        SILVER_PAYMENT_TOKEN_EXPIRATION=None,
        SILVER_AUTOMATICALLY_CREATE_TRANSACTIONS=False,
        PAYMENT_METHOD_SECRET="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",  # noqa: S106  # as above
        PAYMENT_PROCESSORS={"manual": {"class": "silver.payment_processors.manual.ManualProcessor"}},
    )
    django.setup()
    call_command("migrate", verbosity=0)


def fill(customers: int) -> None:
    """One plan with its features, and the customers subscribed to it with a month of usage."""
    from silver import models  # noqa: PLC0415  # needs the configuration above

    party = {"address_1": "1 High Street", "city": "London", "country": "GB"}
    plan = _plan(models, party)
    features = [_feature(models, f"Place {number:02d} Mobile") for number in range(FEATURES)]
    plan.metered_features.add(*features)
    for number in range(customers):
        customer = models.Customer.objects.create(
            first_name="A",
            last_name=str(number),
            company="Acme Ltd",
            sales_tax_percent=Decimal(20),
            sales_tax_name="VAT",
            **party,
        )
        _subscribe(models, customer, plan, features)


def _plan(models: Any, party: dict[str, str]) -> Any:
    provider = models.Provider.objects.create(
        name="Telco",
        company="Telco",
        flow="invoice",
        invoice_series="INV",
        invoice_starting_number=1,
        default_document_state=models.Provider.DEFAULT_DOC_STATE.ISSUED,
        **party,
    )
    return models.Plan.objects.create(
        name="Line",
        interval="month",
        interval_count=1,
        amount=Decimal(10),
        currency="USD",
        provider=provider,
        product_code=models.ProductCode.objects.create(value="line"),
        generate_after=0,
        prebill_plan=False,
    )


def _feature(models: Any, name: str) -> Any:
    code = models.ProductCode.objects.create(value=name)
    return models.MeteredFeature.objects.create(
        name=name, unit="minutes", price_per_unit=Decimal("0.0272"), included_units=Decimal(0), product_code=code
    )


def _subscribe(models: Any, customer: Any, plan: Any, features: list[Any]) -> None:
    subscription = models.Subscription.objects.create(customer=customer, plan=plan, start_date=START)
    subscription.activate(start_date=START)
    subscription.save()
    for feature in features:
        models.MeteredFeatureUnitsLog.objects.create(
            subscription=subscription,
            metered_feature=feature,
            start_date=START,
            end_date=date(2026, 10, 31),
            consumed_units=Decimal("123.45"),
        )


def measure() -> dict[str, Any]:
    """Generate once and say what it took."""
    from silver import models  # noqa: PLC0415  # needs the configuration
    from silver.documents_generator import DocumentsGenerator  # noqa: PLC0415

    begun = time.process_time()
    DocumentsGenerator().generate(billing_date=BILLED_ON, force_generate=True)
    seconds = time.process_time() - begun
    invoices = models.Invoice.objects.all()
    return {
        "cpu_seconds": seconds,
        "invoices": invoices.count(),
        "issued": invoices.filter(state="issued").count(),
        "lines": models.DocumentEntry.objects.count(),
        "python": sys.version.split()[0],
        "django": django.get_version(),
        "at": datetime.now(timezone.utc).isoformat(),  # noqa: UP017  # the peer's Python may be older than datetime.UTC
    }


if __name__ == "__main__":
    configure()
    fill(int(sys.argv[1]))
    print(json.dumps(measure()))
