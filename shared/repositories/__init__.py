"""All SQL: one module per table, rows as frozen dataclasses; callers own the transaction."""
