"""Helpers of the tests: an API client over the real handlers, a database, rows."""
