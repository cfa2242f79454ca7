"""The developer and demo runner. Never shipped: nothing under `chalicelib` knows that it exists."""
