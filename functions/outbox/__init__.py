"""`outbox`: work that follows a commit, off a queue and a schedule."""
