"""What ends a command of this room with one line instead of a stack."""


class StartError(Exception):
    """Something on this machine is in the way; the message is the one line that a user sees."""
