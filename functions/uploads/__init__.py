"""`uploads`: files from their reservation to their download."""
