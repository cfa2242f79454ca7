"""The doors of events, each loaded when it is first gone through.

All functions are deployed with the same code, and a cold start of one need not load what only the others do.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.handlers import on_change, on_mail, on_mail_report, on_notice, on_queue, on_schedule, on_upload

__all__ = ["on_change", "on_mail", "on_mail_report", "on_notice", "on_queue", "on_schedule", "on_upload"]


def __getattr__(name: str) -> ModuleType:
    """The door of that name."""
    if name not in __all__:
        raise AttributeError(name)
    return import_module(f"chalicelib.handlers.{name}")
