"""Usage billing for telecom operators: domain rules, storage, documents, use cases and doors."""
