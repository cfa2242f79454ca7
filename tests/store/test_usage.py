"""Roll-ups and members in the table: what goes in together, and what keeps it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.usage import RollUp
from chalicelib.store import ledger, members
from chalicelib.store.usage import Refusal, load_head, load_roll_ups, record_part
from tests.support.cloud import Cloud
from tests.support.usage_rows import UsageRow, to_columns

DAY = date(2026, 11, 5)
BATCH = "b" * 64


def a_member(**fields: object) -> members.Member:
    """A member of ten records on 5 November."""
    base = members.Member(
        customer_id="acme",
        batch_id=BATCH,
        tag="t1",
        number=0,
        span_from="2026-11-05T08:00:00Z",
        span_to="2026-11-05T09:00:00Z",
        offset=100,
        length=50,
        ids_offset=800,
        ids_count=10,
        accepted=10,
        duplicates=0,
    )
    return replace(base, **fields)  # type: ignore[arg-type]  # fields come from the test


def a_roll_up(billing_day: date = DAY, *rows: UsageRow) -> RollUp:
    """A roll-up of the given rows, or of one call to a UK mobile."""
    given_rows = rows or (UsageRow(billing_day, "UK Mobile", 1, 1, 60, 60, Decimal("0.0272")),)
    return RollUp(billing_day, BATCH, to_columns(given_rows))


def test_recorded_roll_ups_are_read_back_by_billing_day(cloud: Cloud) -> None:
    """A part's roll-ups come back exactly, within the asked days only, late rows with their original day."""
    late = UsageRow(DAY - timedelta(days=40), 'Zürich, "fixe"', 3, 2, 61, 120, Decimal("0.000000000001"))
    first, second = a_roll_up(DAY, late), a_roll_up(DAY + timedelta(days=1))
    assert record_part(a_member(), [first, second], 0) is None
    assert load_roll_ups("acme", DAY, DAY + timedelta(days=2)) == [first, second]
    assert load_roll_ups("acme", DAY, DAY + timedelta(days=1)) == [first]
    assert load_roll_ups("other", DAY, DAY + timedelta(days=1)) == []


def test_part_goes_in_once(cloud: Cloud) -> None:
    """Recording the same part again changes nothing."""
    assert record_part(a_member(), [a_roll_up()], 0) is None
    assert record_part(a_member(), [a_roll_up()], 1) is Refusal.OVERTAKEN
    assert load_head("acme") == 1


def test_part_stays_out_of_a_claimed_day(cloud: Cloud) -> None:
    """A claimed billing day keeps the whole part out, roll-ups of free days included."""
    ledger.claim_days("acme", [DAY], "20261105#R", "me", {})
    assert record_part(a_member(), [a_roll_up(), a_roll_up(DAY + timedelta(days=30))], 0) is Refusal.DAY_BILLED
    assert load_roll_ups("acme", DAY, DAY + timedelta(days=60)) == []


def test_part_stays_out_after_another_import(cloud: Cloud) -> None:
    """Of two imports that read the same head only the first goes in."""
    assert record_part(a_member(), [], 0) is None
    assert record_part(a_member(batch_id="c" * 64), [], 0) is Refusal.OVERTAKEN


def test_members_are_found_by_overlap(cloud: Cloud) -> None:
    """Members are found when their span touches the asked one, and not otherwise."""
    member = a_member(skipped=(("c" * 64, (0, 1, 2, 9)),))
    record_part(member, [], 0)
    assert members.list_members("acme", "2026-11-05T09:00:00Z", "2026-11-05T10:00:00Z") == [member]
    assert members.list_members("acme", "2026-11-05T09:00:01Z", "2026-11-05T10:00:00Z") == []
    assert members.list_members("acme", "2026-11-05T07:00:00Z", "2026-11-05T07:59:59Z") == []


@given(positions=st.sets(st.integers(0, 10_000)))
def test_skipped_positions_survive_packing(positions: set[int]) -> None:
    """Any set of positions is stored and read back exactly."""
    skipped = ((BATCH, tuple(sorted(positions))),)
    assert members._unpack(members._pack(skipped)) == skipped
