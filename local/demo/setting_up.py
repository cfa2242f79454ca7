"""Stage one of the demo: the operator's settings, the packages, the customers and what they have booked, all through the API."""

from __future__ import annotations

from local.demo.api import Api
from local.demo.progress import Stages
from local.demo.world import OPERATOR, PACKAGES, DemoCustomer, Month, choose_packages


def set_up(api: Api, stages: Stages, customers: list[DemoCustomer], month: Month) -> None:
    """Create everything; doing it again after an interruption changes nothing that exists."""
    with stages.stage("Settings, packages, customers", len(customers)) as advance:
        api.put("/settings", OPERATOR)
        package_ids = [api.post("/packages", package)["id"] for package in PACKAGES]
        for count, customer in enumerate(customers, 1):
            api.post("/customers", customer.body)
            for position, prices in choose_packages(customer):
                _assign(api, customer, {"package_id": package_ids[position], **prices}, month)
            advance(count)


def _assign(api: Api, customer: DemoCustomer, body: dict[str, str], month: Month) -> None:
    api.post(f"/customers/{customer.id}/packages", {**body, "start_date": month.first.isoformat()})
