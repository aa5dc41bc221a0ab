"""Accounts, sessions, uploads and the outbox.

Revision ID: 0001
"""

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = """
CREATE TABLE users (
    id uuid CONSTRAINT users_pkey PRIMARY KEY,
    username varchar(50) NOT NULL,
    email varchar(255) NOT NULL,
    password_hash varchar(255) NOT NULL,
    role text NOT NULL DEFAULT 'user' CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE sessions (
    id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES users ON DELETE CASCADE,
    jti uuid NOT NULL,
    previous_jti uuid,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent varchar(255),
    ip varchar(45),
    created_at timestamptz NOT NULL
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);

CREATE TABLE blacklisted_tokens (
    id uuid CONSTRAINT blacklisted_tokens_pkey PRIMARY KEY,
    jti uuid NOT NULL CONSTRAINT blacklisted_tokens_jti_key UNIQUE,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX blacklisted_tokens_expires_at_idx ON blacklisted_tokens (expires_at);

CREATE TABLE files (
    id uuid CONSTRAINT files_pkey PRIMARY KEY,
    -- No cascade: the application deletes files, so that their objects go too.
    user_id uuid NOT NULL CONSTRAINT files_user_id_fkey REFERENCES users,
    filename varchar(255) NOT NULL,
    original_filename varchar(255) NOT NULL,
    content_type varchar(100) NOT NULL,
    file_size bigint NOT NULL CONSTRAINT files_file_size_check CHECK (file_size > 0),
    file_path varchar(500) NOT NULL CONSTRAINT files_file_path_key UNIQUE,
    file_hash varchar(64),
    declared_sha256 varchar(64),
    version_id varchar(1024),
    status text NOT NULL DEFAULT 'pending' CONSTRAINT files_status_check
        CHECK (status IN ('pending', 'scanning', 'available', 'rejected', 'expired')),
    reason text CONSTRAINT files_reason_check CHECK ((reason IS NOT NULL) = (status = 'rejected')),
    is_public boolean NOT NULL DEFAULT false,
    url_expires_at timestamptz NOT NULL,
    status_changed_at timestamptz NOT NULL DEFAULT now(),
    uploaded_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT files_available_check
        CHECK (status <> 'available' OR (version_id IS NOT NULL AND file_hash IS NOT NULL AND uploaded_at IS NOT NULL))
);
CREATE INDEX files_user_id_created_at_id_idx ON files (user_id, created_at, id);
CREATE INDEX files_unsettled_idx ON files (status, id) WHERE status IN ('pending', 'scanning');

CREATE TABLE outbox (
    id uuid CONSTRAINT outbox_pkey PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_next_at_idx ON outbox (next_at);
"""

DOWNGRADE = "DROP TABLE outbox, files, blacklisted_tokens, sessions, users;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
