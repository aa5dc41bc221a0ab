"""One-shot commands for developers."""
