"""Storage usage, files kept though they could not be scanned, and the places that sweeps have come to.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"

UPGRADE = """
ALTER TABLE files ADD COLUMN kept_until timestamptz
    CONSTRAINT files_kept_until_check CHECK (kept_until IS NULL OR reason = 'SCAN_FAILED');
CREATE INDEX files_kept_until_idx ON files (kept_until) WHERE kept_until IS NOT NULL;
CREATE INDEX files_created_at_id_idx ON files (created_at, id);
CREATE INDEX files_available_idx ON files (id) WHERE status = 'available';

CREATE TABLE storage_usage (
    user_id uuid CONSTRAINT storage_usage_pkey PRIMARY KEY
        CONSTRAINT storage_usage_user_id_fkey REFERENCES users ON DELETE CASCADE,
    bytes bigint NOT NULL CONSTRAINT storage_usage_bytes_check CHECK (bytes >= 0),
    files integer NOT NULL CONSTRAINT storage_usage_files_check CHECK (files >= 0),
    pending_files integer NOT NULL CONSTRAINT storage_usage_pending_files_check CHECK (pending_files >= 0)
);
INSERT INTO storage_usage (user_id, bytes, files, pending_files)
SELECT user_id, sum(file_size), count(*), count(*) FILTER (WHERE status = 'pending')
FROM files WHERE status IN ('pending', 'scanning', 'available')
GROUP BY user_id;

CREATE TABLE sweeps (
    name text CONSTRAINT sweeps_pkey PRIMARY KEY,
    position text,
    started_at timestamptz,
    finished_at timestamptz
);
"""

DOWNGRADE = """
DROP TABLE sweeps, storage_usage;
DROP INDEX files_available_idx, files_created_at_id_idx, files_kept_until_idx;
ALTER TABLE files DROP COLUMN kept_until;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
