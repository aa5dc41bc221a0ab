"""Indexes for the filters of the users' list.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"

UPGRADE = """
CREATE INDEX users_role_created_at_id_idx ON users (role, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_is_active_created_at_id_idx ON users (is_active, created_at, id) WHERE deleted_at IS NULL;
"""

DOWNGRADE = "DROP INDEX users_role_created_at_id_idx, users_is_active_created_at_id_idx;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
