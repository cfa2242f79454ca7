"""The items of webhooks as PynamoDB models: endpoints and secrets among the books, deliveries in the work table. No behaviour."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.store.tables import BillingItem
from chalicelib.store.work_tables import WorkItem


class WebhookItem(BillingItem, discriminator="whk"):
    """An endpoint."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class WebhookSecretItem(BillingItem, discriminator="whs"):
    """What messages to an endpoint are signed with. An item of its own, so that nothing that shows endpoints can show it."""

    ver = NumberAttribute()
    doc = JSONAttribute()


class DeliveryItem(WorkItem, discriminator="whd"):
    """Telling an endpoint an event: state, tries, when the next, and `doc`, which never changes."""

    st = UnicodeAttribute()
    n = NumberAttribute()
    at = UnicodeAttribute()
    finished = UnicodeAttribute(null=True, attr_name="fin")
    response = NumberAttribute(null=True, attr_name="code")
    error = UnicodeAttribute(null=True, attr_name="err")
    doc = JSONAttribute()


class EndpointHealthItem(WorkItem, discriminator="whh"):
    """Failures of an endpoint in a row, since when, and until when it is left alone."""

    n = NumberAttribute()
    since = UnicodeAttribute()
    until = UnicodeAttribute(null=True)
