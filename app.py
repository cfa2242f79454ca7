"""The Chalice app: routes and events to their doors in `chalicelib.handlers`. Holds no logic."""

from __future__ import annotations

import logging
import os

from chalice.app import Chalice

from chalicelib.handlers.framework import translate_refusals
from chalicelib.handlers.routes import BLUEPRINTS

app = Chalice("billing")
app.register_middleware(translate_refusals, "http")
logging.getLogger("chalicelib").setLevel(os.environ.get("LOG_LEVEL", "INFO"))

for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)
