"""Who may do what: one table from roles to permissions."""

from typing import Literal

from shared.repositories.users import Role

Permission = Literal["file:read", "file:update", "file:delete", "file:rescan"]

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "user": frozenset(),
    "admin": frozenset({"file:read", "file:update", "file:delete", "file:rescan"}),
}
"""What a role may do to things of others. One's own things need no permission."""


def has(role: Role, permission: Permission) -> bool:
    """Whether the role has the permission; an unknown role has none."""
    return permission in PERMISSIONS.get(role, frozenset())
