"""`archives`: a user's own data is packed, off a queue."""
