"""AWS calls, one module per service."""
