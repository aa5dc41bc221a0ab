"""Requests made up from the OpenAPI document, and what we parse ourselves."""
