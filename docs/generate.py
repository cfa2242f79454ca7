"""Writes the documents that are made from the code. A test fails when one lags behind."""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from chalicelib.domain.errors import CODES  # noqa: E402  # found through the path above
from docs.template_variables import build_page  # noqa: E402  # as above

ERRORS_HEAD = """\
# Error codes

Programs switch on `code`, never on text. A code keeps its meaning for good; new ones may come. The HTTP status follows from the
kind of error: 422 for invalid input, 404 for what is not there, 409 or 412 for a conflict with the present state, 503 for
"try again later". `GET /openapi.json` tells which statuses an operation answers with.

Made by `make docs` from `chalicelib/domain/errors.py`; change it there.

| code | meaning |
|---|---|
"""


def build_errors() -> str:
    """The text of docs/errors.md: one row per code, in the catalogue's order."""
    return ERRORS_HEAD + "".join(f"| `{code}` | {meaning} |\n" for code, meaning in CODES.items())


def main() -> None:
    """Write every generated document."""
    (DOCS / "errors.md").write_text(build_errors(), encoding="utf-8")
    (DOCS / "template-variables.md").write_text(build_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
