"""`migrations`: the schema, and what the operator does by hand."""
