"""What every test shares: how hard Hypothesis looks. A busy machine must not fail a test, so there is no deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("gate", max_examples=40, deadline=None)
settings.load_profile("gate")
