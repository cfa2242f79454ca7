"""The API over the deployment in memory."""

from __future__ import annotations

import pytest
from chalice.test import Client

from app import app
from tests.support.cloud import Cloud
from tests.support.http import ApiClient
from tests.support.story import Story


@pytest.fixture
def api(cloud: Cloud) -> ApiClient:
    """A client of the API as deployed, with empty tables."""
    return ApiClient(cloud, Client(app))


@pytest.fixture
def story(api: ApiClient) -> Story:
    """An operator without customers, told through all doors."""
    return Story(api, api.client)
