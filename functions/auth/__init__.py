"""`auth`: accounts are made, sessions begin, go on and end."""
