"""What is the same for every customer of a billing task: settings, packages, and the instant it is made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.operator import OperatorSettings
from chalicelib.domain.packages import Package
from chalicelib.store.packages import load_packages
from chalicelib.store.settings import get_settings


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Settings and packages (by id) as of an instant."""

    settings: OperatorSettings
    packages: Mapping[str, Package]
    as_of: datetime


def load_catalogue(as_of: datetime) -> Catalogue:
    """Settings and packages as they are now, for a task made for `as_of`."""
    return Catalogue(get_settings(), load_packages(), as_of)
