"""`users`: the accounts."""
