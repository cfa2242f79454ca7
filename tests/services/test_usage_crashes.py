"""An import that is killed at any write, and started again, gives what an undisturbed one gives."""

from __future__ import annotations

import pytest

from chalicelib.domain.usage_batch import Batch
from chalicelib.services.usage_import import import_object
from tests.support.builders import a_customer
from tests.support.cloud import Cloud
from tests.support.kills import Killed, Side, killed_at
from tests.support.usage import Call, billed_days, csv_file, import_file, rejects, save_customer, upload, usage_deps

FIRST = csv_file([Call("1"), Call("2", charge="0.5")])
SECOND = csv_file(
    [Call("2"), Call("3"), Call("4", customer_id="other"), Call("bad", charge="x"), Call("5", started_at="2026-06-01T00:00:00Z")]
)


def prepare(cloud: Cloud) -> str:
    """Two customers, one batch in, the second file uploaded."""
    cloud.clear()
    save_customer()
    save_customer(a_customer(id="other"))
    import_file(FIRST, "first.csv")
    return upload(SECOND, "second.csv")


def outcome(batch: Batch) -> tuple[object, ...]:
    """All that matters of an import."""
    counts = (batch.status, batch.rows, batch.accepted, batch.duplicates, batch.rejected, batch.customers)
    listed = sorted((row["line"], row["code"], row["reason"]) for row in rejects(batch))
    return (*counts, listed, billed_days("acme"), billed_days("other"))


@pytest.mark.parametrize("side", ["before", "after"])
def test_killed_import_goes_on_where_it_stopped(cloud: Cloud, side: Side) -> None:
    """Whatever write an import dies at, the repeated event completes it exactly: nothing twice, nothing lost."""
    key = prepare(cloud)
    with killed_at(0, side) as counted:
        batch = import_object(usage_deps(), key)
    expected = outcome(batch)
    assert expected[1:6] == (5, 3, 1, 1, 2)
    for write in range(1, counted.writes + 1):
        key = prepare(cloud)
        with pytest.raises(Killed), killed_at(write, side):
            import_object(usage_deps(), key)
        assert outcome(import_object(usage_deps(), key)) == expected
