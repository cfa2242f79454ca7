"""CAMT.053 (ISO 20022 bank-to-customer statement) as typed values: the few elements that payments need, of any version.

Bound with xsdata to a tree that defusedxml built: declarations of entities are refused before anything is expanded. Elements are
known by their local name, as banks write every version under a name space of its own. Amounts and dates stay texts; the domain
judges them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.errors import Invalid

NOT_CAMT = "The file is not a CAMT.053 statement"


def _named(name: str) -> dict[str, str]:
    """How xsdata is told the name of an element."""
    return {"name": name, "type": "Element"}


@dataclass
class Amount:
    """An amount with its currency."""

    value: str = ""
    currency: str | None = field(default=None, metadata={"name": "Ccy", "type": "Attribute"})


@dataclass
class Moment:
    """A day, or an instant of it."""

    day: str | None = field(default=None, metadata=_named("Dt"))
    instant: str | None = field(default=None, metadata=_named("DtTm"))


@dataclass
class Status:
    """Whether an entry is booked: text until version 7, a code since."""

    value: str = ""
    code: str | None = field(default=None, metadata=_named("Cd"))


@dataclass
class Other:
    """An id of a scheme of its own."""

    id: str | None = field(default=None, metadata=_named("Id"))


@dataclass
class AccountId:
    """An account number."""

    iban: str | None = field(default=None, metadata=_named("IBAN"))
    other: Other | None = field(default=None, metadata=_named("Othr"))


@dataclass
class Account:
    """An account."""

    id: AccountId | None = field(default=None, metadata=_named("Id"))
    currency: str | None = field(default=None, metadata=_named("Ccy"))


@dataclass
class Named:
    """Somebody with a name."""

    name: str | None = field(default=None, metadata=_named("Nm"))


@dataclass
class Party:
    """A party: with its name until version 7, with a person or organisation in it since."""

    name: str | None = field(default=None, metadata=_named("Nm"))
    party: Named | None = field(default=None, metadata=_named("Pty"))


@dataclass
class Parties:
    """Who paid, and from where."""

    debtor: Party | None = field(default=None, metadata=_named("Dbtr"))
    debtor_account: Account | None = field(default=None, metadata=_named("DbtrAcct"))


@dataclass
class CreditorReference:
    """The reference that the invoice asked for."""

    reference: str | None = field(default=None, metadata=_named("Ref"))


@dataclass
class ReferredDocument:
    """A document that is paid."""

    number: str | None = field(default=None, metadata=_named("Nb"))


@dataclass
class Structured:
    """Remittance information in fields."""

    documents: list[ReferredDocument] = field(default_factory=list, metadata=_named("RfrdDocInf"))
    creditor: CreditorReference | None = field(default=None, metadata=_named("CdtrRefInf"))
    more: list[str] = field(default_factory=list, metadata=_named("AddtlRmtInf"))


@dataclass
class Remittance:
    """What the payer wrote."""

    lines: list[str] = field(default_factory=list, metadata=_named("Ustrd"))
    structured: list[Structured] = field(default_factory=list, metadata=_named("Strd"))


@dataclass
class References:
    """References of a transaction."""

    servicer: str | None = field(default=None, metadata=_named("AcctSvcrRef"))
    end_to_end: str | None = field(default=None, metadata=_named("EndToEndId"))


@dataclass
class TransactionAmount:
    """An amount within its details."""

    amount: Amount | None = field(default=None, metadata=_named("Amt"))


@dataclass
class AmountDetails:
    """Where older versions keep the amount of one transaction of several."""

    transaction: TransactionAmount | None = field(default=None, metadata=_named("TxAmt"))


@dataclass
class Transaction:
    """One transaction of an entry."""

    references: References | None = field(default=None, metadata=_named("Refs"))
    amount: Amount | None = field(default=None, metadata=_named("Amt"))
    side: str | None = field(default=None, metadata=_named("CdtDbtInd"))
    details: AmountDetails | None = field(default=None, metadata=_named("AmtDtls"))
    parties: Parties | None = field(default=None, metadata=_named("RltdPties"))
    remittance: Remittance | None = field(default=None, metadata=_named("RmtInf"))
    more: str | None = field(default=None, metadata=_named("AddtlTxInf"))


@dataclass
class EntryDetails:
    """Transactions booked as one entry."""

    transactions: list[Transaction] = field(default_factory=list, metadata=_named("TxDtls"))


@dataclass
class Entry:
    """What was booked."""

    amount: Amount | None = field(default=None, metadata=_named("Amt"))
    side: str | None = field(default=None, metadata=_named("CdtDbtInd"))
    status: Status | None = field(default=None, metadata=_named("Sts"))
    booked: Moment | None = field(default=None, metadata=_named("BookgDt"))
    servicer: str | None = field(default=None, metadata=_named("AcctSvcrRef"))
    details: list[EntryDetails] = field(default_factory=list, metadata=_named("NtryDtls"))
    more: str | None = field(default=None, metadata=_named("AddtlNtryInf"))


@dataclass
class Statement:
    """The statement of one account."""

    account: Account | None = field(default=None, metadata=_named("Acct"))
    entries: list[Entry] = field(default_factory=list, metadata=_named("Ntry"))


@dataclass
class Message:
    """Statements sent at once."""

    statements: list[Statement] = field(default_factory=list, metadata=_named("Stmt"))


@dataclass
class Document:
    """A CAMT.053 file."""

    message: Message | None = field(default=None, metadata=_named("BkToCstmrStmt"))


def load_statements(content: bytes | str) -> list[Statement]:
    """The statements of a file. Raises Invalid wrong_format for anything else, hostile or not."""
    root = _parse_tree(content)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag != "Document" or root.find("BkToCstmrStmt") is None:
        raise Invalid("wrong_format", f"{NOT_CAMT}: it begins with {root.tag[:40]!r}.")
    document = _bind(root)
    return document.message.statements if document.message else []


def _parse_tree(content: bytes | str) -> Any:
    from defusedxml import DefusedXmlException  # noqa: PLC0415  # one request in many reads a statement
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415  # as above

    try:
        return fromstring(content, forbid_dtd=True)
    except ParseError as error:
        raise Invalid("wrong_format", f"{NOT_CAMT}: {error}.") from error
    except DefusedXmlException as error:
        raise Invalid("wrong_format", f"{NOT_CAMT}: declarations of types and entities are refused.") from error
    except (ValueError, LookupError) as error:  # an encoding that is not what it says, or that nobody knows
        raise Invalid("wrong_format", f"{NOT_CAMT}: its encoding cannot be read.") from error


def _bind(root: Any) -> Document:
    from xsdata.exceptions import ParserError  # noqa: PLC0415  # as above
    from xsdata.formats.dataclass.parsers import XmlParser  # noqa: PLC0415  # as above
    from xsdata.formats.dataclass.parsers.config import ParserConfig  # noqa: PLC0415  # as above
    from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler  # noqa: PLC0415  # as above

    config = ParserConfig(fail_on_unknown_properties=False, fail_on_unknown_attributes=False)
    try:
        return XmlParser(config=config, handler=XmlEventHandler).parse(root, Document)
    except ParserError as error:
        raise Invalid("wrong_format", f"{NOT_CAMT}: {error}.") from error
    except RecursionError as error:
        raise Invalid("wrong_format", f"{NOT_CAMT}: its elements are nested too deeply.") from error
