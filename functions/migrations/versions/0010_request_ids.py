"""The id of the request that reserved an upload, for the log lines of its life.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE files ADD COLUMN request_id varchar(128)")


def downgrade() -> None:
    op.execute("ALTER TABLE files DROP COLUMN request_id")
