"""Verified and waiting e-mail addresses.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"

UPGRADE = """
ALTER TABLE users ADD COLUMN email_verified_at timestamptz, ADD COLUMN pending_email varchar(255);
-- Of those that are there, nobody was ever asked.
UPDATE users SET email_verified_at = created_at;
CREATE INDEX users_pending_email_idx ON users (lower(pending_email)) WHERE pending_email IS NOT NULL;
-- Where the link was sent; it speaks for that address and no other.
ALTER TABLE one_time_tokens ADD COLUMN email varchar(255);
"""

DOWNGRADE = """
DELETE FROM one_time_tokens WHERE kind = 'email_verification';
ALTER TABLE one_time_tokens DROP COLUMN email;
ALTER TABLE users DROP COLUMN pending_email, DROP COLUMN email_verified_at;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
