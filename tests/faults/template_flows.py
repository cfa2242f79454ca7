"""Flows around templates: one is set back, chosen, deleted. Versions have no hole, and what is chosen is there."""

from __future__ import annotations

from chalicelib.domain.designs import Design
from chalicelib.domain.errors import NotFound
from chalicelib.domain.templates import Template, TemplateVersion
from chalicelib.store import template_trials, template_uses, templates
from chalicelib.store.customers import get_customer
from tests.faults.flow import Flow
from tests.faults.people import customer
from tests.faults.stage import Stage
from tests.support.builders import NOW

EDITED = Template(id="01t", name="Ours", origin=Design.CLASSIC, digest="edited", created_at=NOW, updated_at=NOW)
CONTENT = TemplateVersion(template_id="01t", version=1, name="Ours", html="<p>", css="", created_at=NOW)
"""Kept without being tried, which takes a process of its own, each time."""


def _offered(stage: Stage) -> None:
    customer(stage, "busy")
    stage.notes["template"] = templates.put_template(EDITED, CONTENT).id
    template_trials.note_drawn(EDITED.id, 1)


def _set_back(stage: Stage) -> None:
    stage.ask("POST", f"/templates/{stage.notes['template']}/reset", key="reset")


def _set_back_otherwise(stage: Stage) -> None:
    stage.ask("POST", f"/templates/{stage.notes['template']}/reset", key="other clerk")


def _choose(stage: Stage) -> None:
    stage.ask("PATCH", "/customers/busy", {"template_id": stage.notes["template"]})


def _delete(stage: Stage) -> None:
    stage.ask("DELETE", f"/templates/{stage.notes['template']}")


def _complaints(stage: Stage) -> list[str]:
    """Versions that are missing, a choice of what is not there, a use that is not noted."""
    template_id = stage.notes["template"]
    numbers = [one.version for one in templates.list_versions(template_id, 100, None)[0]]
    found = [] if numbers == list(range(len(numbers), 0, -1)) else [f"versions {numbers}"]
    chosen = get_customer("busy").template_id == template_id
    if chosen != (template_uses.list_users(template_id, 10) == ["busy"]):
        found.append(f"chosen: {chosen}, noted: {template_uses.list_users(template_id, 10)}")
    try:
        present = templates.get_template(template_id).version
    except NotFound:
        return [*found, "chosen and gone"] if chosen else found
    return found if present == len(numbers) else [*found, f"version {present} of {numbers}"]


FLOWS = (
    Flow(name="reset_template", prepare=_offered, act=_set_back, rival=_set_back_otherwise, check=_complaints),
    Flow(name="choose_template", prepare=_offered, act=_choose, rival=_delete, check=_complaints),
    Flow(name="delete_template", prepare=_offered, act=_delete, rival=_choose, check=_complaints),
)
