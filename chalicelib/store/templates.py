"""Templates and their versions. A change is one transaction of both: no half version is ever seen, each number is taken once."""

from __future__ import annotations

from collections.abc import Callable

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.templates import Template, TemplateVersion, reference_to
from chalicelib.store import codec
from chalicelib.store.cursors import decode_cursor, encode_cursor
from chalicelib.store.failures import ConditionFailedError
from chalicelib.store.retry import retried
from chalicelib.store.signed import sign_off
from chalicelib.store.template_tables import (
    GATE,
    PK,
    TRIAL,
    VERSIONS,
    TemplateGateItem,
    TemplateItem,
    TemplateTrialItem,
    TemplateVersionItem,
    parts_pk,
    version_sk,
)
from chalicelib.store.transaction import commit

LAST = f"{VERSIONS}~"
"""Sorts after every version."""
NEW = "new"
"""The mark of a template that nobody has chosen yet."""


def list_templates(limit: int, cursor: str | None) -> tuple[list[Template], str | None]:
    """A page of templates, oldest first, and the cursor to go on with."""
    found = _page(decode_cursor(cursor) or "0", limit + 1)
    following = encode_cursor(found[limit - 1].sk) if len(found) > limit else None
    return [codec.restore(Template, item.doc) for item in found[:limit]], following


def find_template(template_id: str) -> Template | None:
    """The template, or None."""
    item = _find(template_id)
    return None if item is None else codec.restore(Template, item.doc)


def get_template(template_id: str) -> Template:
    """The template; NotFound for an unknown id."""
    template = find_template(template_id)
    if template is None:
        raise NotFound("template", template_id)
    return template


def get_version(template_id: str, version: int) -> TemplateVersion:
    """A version, also of a template that was deleted; NotFound."""
    item = _find_version(template_id, version)
    if item is None:
        raise NotFound("version of a template", reference_to(template_id, version))
    return codec.unpack(TemplateVersion, item.doc)


def list_versions(template_id: str, limit: int, cursor: str | None) -> tuple[list[TemplateVersion], str | None]:
    """A page of versions, newest first, and the cursor to go on with."""
    found = _versions(template_id, decode_cursor(cursor) or LAST, limit + 1)
    following = encode_cursor(found[limit].sk) if len(found) > limit else None
    return [codec.unpack(TemplateVersion, item.doc) for item in found[:limit]], following


def put_template(template: Template, version: TemplateVersion) -> Template:
    """Keep a new template; one that is there already under this (new) id is the same, met again, and is given back as it is."""
    try:
        commit(lambda transaction: _add(transaction, template, version))
    except ConditionFailedError:
        return get_template(template.id)
    return template


def save_version(read_version: int, template: Template, version: TemplateVersion) -> None:
    """Keep the next version of a template; Conflict `stale_version` when somebody changed or deleted it in between."""
    _or_stale(lambda transaction: _replace(transaction, read_version, template, version))


def delete_template(template: Template, mark: str) -> None:
    """Delete a template that nobody chose since `mark`; its versions stay. Conflict `stale_version` otherwise."""
    sign_off(TemplateItem(PK, template.id))
    _or_stale(lambda transaction: _remove(transaction, template, mark))


def _or_stale(fill: Callable[[TransactWrite], None]) -> None:
    try:
        commit(fill)
    except ConditionFailedError as error:
        raise Conflict("stale_version") from error


def _add(transaction: TransactWrite, template: Template, version: TemplateVersion) -> None:
    item = TemplateItem(PK, template.id, ver=template.version, doc=codec.plain(template))
    transaction.save(item, condition=TemplateItem.pk.does_not_exist())
    transaction.save(TemplateGateItem(parts_pk(template.id), GATE, mark=NEW), condition=TemplateGateItem.pk.does_not_exist())
    transaction.save(TemplateTrialItem(parts_pk(template.id), TRIAL, drawn=0, failed=0))
    _add_version(transaction, version)


def _add_version(transaction: TransactWrite, version: TemplateVersion) -> None:
    item = TemplateVersionItem(parts_pk(version.template_id), version_sk(version.version), doc=codec.pack(version))
    transaction.save(item, condition=TemplateVersionItem.pk.does_not_exist())


def _replace(transaction: TransactWrite, read_version: int, template: Template, version: TemplateVersion) -> None:
    actions: list[Action] = [TemplateItem.ver.set(template.version), TemplateItem.doc.set(codec.plain(template))]
    transaction.update(TemplateItem(PK, template.id), actions, condition=TemplateItem.ver == read_version)
    _add_version(transaction, version)


def _remove(transaction: TransactWrite, template: Template, mark: str) -> None:
    transaction.delete(TemplateItem(PK, template.id), condition=TemplateItem.ver == template.version)
    transaction.delete(TemplateGateItem(parts_pk(template.id), GATE), condition=TemplateGateItem.mark == mark)
    transaction.delete(TemplateTrialItem(parts_pk(template.id), TRIAL))


@retried
def _page(after: str, limit: int) -> list[TemplateItem]:
    return list(TemplateItem.query(PK, TemplateItem.sk > after, limit=limit))


@retried
def _find(template_id: str) -> TemplateItem | None:
    try:
        return TemplateItem.get(PK, template_id, consistent_read=True)
    except TemplateItem.DoesNotExist:
        return None


@retried
def _find_version(template_id: str, version: int) -> TemplateVersionItem | None:
    try:
        return TemplateVersionItem.get(parts_pk(template_id), version_sk(version), consistent_read=True)
    except TemplateVersionItem.DoesNotExist:
        return None


@retried
def _versions(template_id: str, newest: str, limit: int) -> list[TemplateVersionItem]:
    span = TemplateVersionItem.sk.between(VERSIONS, newest)
    return list(TemplateVersionItem.query(parts_pk(template_id), span, scan_index_forward=False, limit=limit))
