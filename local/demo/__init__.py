"""The demo: one month of an invented operator, billed through the public API and real events."""
