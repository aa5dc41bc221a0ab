"""`websocket`: sockets open, ask, and close."""
