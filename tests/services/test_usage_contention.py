"""Others who write at the same time: another import of the same calls, an invoice that claims the day, a lost reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.usage_batch import BatchStatus
from chalicelib.services import usage_commit
from chalicelib.services.usage_import import import_object, resume_batch
from chalicelib.store import batches, ledger
from chalicelib.store.work_tables import UsageHeadItem
from tests.support.aws_calls import Call as AwsCall
from tests.support.aws_calls import Watcher, watched
from tests.support.cloud import Cloud
from tests.support.usage import Call, billed_days, csv_file, import_file, save_customer, total_charge, upload, usage_deps

DAY = date(2026, 11, 5)


@dataclass(slots=True)
class Meddling(Watcher):
    """Just before a part is recorded, lets somebody else come first, as often as there are `turns`."""

    act: Callable[[], None]
    turns: int

    def before(self, call: AwsCall) -> None:
        """A transaction that records a part is about to be sent."""
        if call.operation == "TransactWriteItems" and self.turns and b'"B#' in call.request["body"]:
            self.turns -= 1
            self.act()


@contextmanager
def before_recording(act: Callable[[], None], times: int = 1) -> Iterator[None]:
    """Have something done just before the next transactions that record a part."""
    with watched(Meddling(act, times)):
        yield


def bring_in(body: bytes) -> None:
    """Somebody else's import."""
    import_file(body, "other.csv")


def test_two_imports_at_once_see_each_others_calls(cloud: Cloud) -> None:
    """When another file with the same call goes in between check and write, the call is still billed once."""
    save_customer()
    other = csv_file([Call("1"), Call("2")])
    with before_recording(lambda: bring_in(other)):
        batch = import_file(csv_file([Call("2"), Call("3")]))
    assert (batch.accepted, batch.duplicates) == (1, 1)
    assert total_charge() == 3 * Decimal("0.0272")


def test_day_claimed_meanwhile_makes_calls_late(cloud: Cloud) -> None:
    """When an invoice claims the day between planning and write, the calls go on the next unbilled day."""
    save_customer()

    def claim() -> None:
        ledger.claim_days("acme", [DAY], "20261105#R", "me", {})

    with before_recording(claim):
        import_file(csv_file([Call("1")]))
    assert set(billed_days()) == {(date(2026, 11, 6), DAY, "UK Mobile")}


def test_endless_contention_leaves_the_batch_to_the_sweep(cloud: Cloud) -> None:
    """When others keep coming between, the import gives up as unavailable, and goes on later."""
    save_customer()
    key = upload(csv_file([Call("1")]))

    def come_between() -> None:
        count = UsageHeadItem("U#acme", "H", n=usage_commit.load_head("acme") + 1)
        count.save()

    with before_recording(come_between, 20), pytest.raises(Unavailable):
        import_object(usage_deps(), key)
    (batch,), _ = batches.list_batches(10, None)
    assert batch.status is BatchStatus.PROCESSING
    resumed = resume_batch(usage_deps(), batch.id)
    assert resumed is not None
    assert (resumed.status, resumed.accepted) == (BatchStatus.DONE, 1)
