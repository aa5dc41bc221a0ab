"""The running system, used through its page."""
