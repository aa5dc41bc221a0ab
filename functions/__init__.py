"""The Lambda functions: one folder, one function, one IAM role.

Loaded before any of a handler's own imports, so a cold start begins here; each handler ends it.
"""

from shared import start

start.begin()
