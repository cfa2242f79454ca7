"""Measurements of what the system must reach; `python -m bench`. Never shipped."""
