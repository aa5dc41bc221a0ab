"""HTTP: the frame around every endpoint group."""
