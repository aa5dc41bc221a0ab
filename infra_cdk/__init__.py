"""The stack in AWS."""
