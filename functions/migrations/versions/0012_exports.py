"""Exports of one's own data.

Revision ID: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"

UPGRADE = """
CREATE TABLE exports (
    -- A user's last: another takes its place.
    user_id uuid CONSTRAINT exports_pkey PRIMARY KEY
        CONSTRAINT exports_user_id_fkey REFERENCES users ON DELETE CASCADE,
    id uuid NOT NULL CONSTRAINT exports_id_key UNIQUE,
    status text NOT NULL DEFAULT 'pending' CONSTRAINT exports_status_check
        CHECK (status IN ('pending', 'ready', 'failed')),
    requested_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz CONSTRAINT exports_expires_at_check CHECK ((expires_at IS NOT NULL) = (status = 'ready'))
);
"""

DOWNGRADE = "DROP TABLE exports;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
