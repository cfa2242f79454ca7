"""The items of templates as PynamoDB models, and how their keys are spelled. No behaviour.

All templates lie in one partition, few enough to be listed at once; what belongs to one lies in a partition of its own.
"""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.store.tables import BillingItem

PK = "TPL"
GATE, TRIAL = "G", "T"
VERSIONS, USES = "V#", "U#"


class TemplateItem(BillingItem, discriminator="tpl"):
    """A template as it is now, without its content."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class TemplateVersionItem(BillingItem, discriminator="tpv"):
    """A version of a template, packed whole; put once, never changed, and never deleted."""

    doc = BinaryAttribute(legacy_encoding=False)


class TemplateGateItem(BillingItem, discriminator="tpg"):
    """Whoever begins to use a template passes here, and so does whoever deletes it: `mark` tells that somebody passed."""

    mark = UnicodeAttribute()


class TemplateTrialItem(BillingItem, discriminator="tpr"):
    """The newest version of a template that could be drawn, the newest that could not, and why."""

    drawn = NumberAttribute()
    failed = NumberAttribute()
    fault = UnicodeAttribute(null=True)


class TemplateUseItem(BillingItem, discriminator="tpu"):
    """That a customer, or the settings, chose a template."""


def parts_pk(template_id: str) -> str:
    """Partition of a template's versions, gate and uses."""
    return f"TPL#{template_id}"


def version_sk(version: int) -> str:
    """Sort key of a version, in order."""
    return f"{VERSIONS}{version:09d}"


def use_sk(user: str) -> str:
    """Sort key of a use: by a customer's id, or the settings."""
    return f"{USES}{user}"
