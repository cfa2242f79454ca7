"""One concept per case: a `run(size)` that measures it and answers with figures."""
