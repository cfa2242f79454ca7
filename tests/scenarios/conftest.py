"""Stories over the deployment in memory."""

from __future__ import annotations

import pytest
from chalice.test import Client

from app import app
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.story import Story


@pytest.fixture
def story(cloud: Cloud) -> Story:
    """An operator without customers."""
    client = Client(app)
    return Story(ApiClient(cloud, client), client)
