"""A customer's addresses: each once, judged one by one, and trusted until somebody reports."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.customer import AddressTrouble, Customer, EmailStatus
from chalicelib.domain.mail_addresses import copy_name, distrust, find_trust, is_address_of, validate_copies, with_copies_once
from tests.support.builders import a_customer

AP, CFO, BOSS = "ap@acme.example", "cfo@acme.example", "boss@acme.example"


def acme(*copies: str, email: str = AP, **fields: Any) -> Customer:
    """A customer with these addresses."""
    return a_customer(email=email, email_cc=copies, **fields)


@pytest.mark.parametrize(
    "copies, kept",
    [
        ((), ()),
        ((CFO, BOSS), (CFO, BOSS)),
        ((CFO, BOSS, "CFO@acme.example", CFO), (CFO, BOSS)),
        (("AP@acme.example", CFO, AP), (CFO,)),
    ],
)
def test_each_address_is_kept_once(copies: tuple[str, ...], kept: tuple[str, ...]) -> None:
    """However it is written, and not again when it is the customer's main one; in the order given."""
    assert with_copies_once(acme(*copies)).email_cc == kept


def test_what_is_known_of_an_address_goes_with_it() -> None:
    """Who is taken out of the list and put in again is trusted again; who stays is not."""
    bounced = distrust(acme(CFO, BOSS), CFO, EmailStatus.BOUNCED)
    assert bounced is not None
    assert with_copies_once(bounced) == bounced
    assert with_copies_once(acme(BOSS, email_cc_troubles=bounced.email_cc_troubles)).email_cc_troubles == ()


@pytest.mark.parametrize(
    "customer, paths",
    [
        (acme(CFO), []),
        (acme(email=""), []),
        (acme(CFO, "nobody", "", BOSS), ["email_cc.1", "email_cc.2"]),
        (acme(CFO, email=""), ["email"]),
    ],
)
def test_wrong_addresses_are_named_by_their_place(customer: Customer, paths: list[str]) -> None:
    """Each one that no mail reaches; and copies of nothing."""
    assert [issue.path for issue in validate_copies(customer)] == paths


def test_reports_are_noted_at_the_address() -> None:
    """The first one counts, for the customer's own address as for the others; strangers are nobody's trouble."""
    customer = acme(CFO, BOSS)
    assert [is_address_of(customer, address) for address in (AP, CFO, "x@y.example")] == [True, True, False]
    complained = distrust(customer, CFO, EmailStatus.COMPLAINED)
    assert complained is not None
    assert complained.email_cc_troubles == (AddressTrouble(address=CFO, status=EmailStatus.COMPLAINED),)
    assert [find_trust(complained, address) for address in (AP, BOSS)] == [EmailStatus.OK, EmailStatus.OK]
    assert distrust(complained, CFO, EmailStatus.BOUNCED) is None
    both = distrust(complained, AP, EmailStatus.BOUNCED)
    assert both is not None
    assert [find_trust(both, address) for address in (AP, CFO)] == [EmailStatus.BOUNCED, EmailStatus.COMPLAINED]
    assert distrust(both, AP, EmailStatus.COMPLAINED) is None
    assert distrust(customer, "x@y.example", EmailStatus.BOUNCED) is None


def test_a_copy_has_a_name_of_its_own() -> None:
    """By the address, so that it is sent once though the list is written in another order; fit for a tag of SES."""
    name = copy_name("reminder-first", CFO)
    assert name != copy_name("reminder-first", BOSS)
    assert name.startswith("reminder-first-cc-")
    assert name.replace("-", "").isalnum()
