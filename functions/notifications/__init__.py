"""`notifications`: what an admin tells everybody."""
