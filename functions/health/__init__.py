"""`health`: is it alive, and is what it needs."""
