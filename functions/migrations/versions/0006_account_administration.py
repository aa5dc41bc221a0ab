"""Deleted accounts, one-time tokens, rate limits, idempotency keys, and the indexes of the users' list.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"

UPGRADE = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

ALTER TABLE users ADD COLUMN deleted_at timestamptz;
-- A deleted account's names are free at once, while its rows go in batches.
DROP INDEX users_username_key, users_email_key;
CREATE UNIQUE INDEX users_username_key ON users (lower(username)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE INDEX users_created_at_id_idx ON users (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_search_idx ON users USING gin (lower(username) gin_trgm_ops, lower(email) gin_trgm_ops)
    WHERE deleted_at IS NULL;
CREATE INDEX users_admins_idx ON users (id) WHERE role = 'admin' AND is_active AND deleted_at IS NULL;

CREATE TABLE one_time_tokens (
    id uuid CONSTRAINT one_time_tokens_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT one_time_tokens_kind_check CHECK (kind IN ('password_reset', 'email_verification')),
    user_id uuid NOT NULL CONSTRAINT one_time_tokens_user_id_fkey REFERENCES users ON DELETE CASCADE,
    token_hash varchar(64) NOT NULL CONSTRAINT one_time_tokens_token_hash_key UNIQUE,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX one_time_tokens_user_id_idx ON one_time_tokens (user_id);
CREATE INDEX one_time_tokens_expires_at_idx ON one_time_tokens (expires_at);

CREATE TABLE used_password_reset_tokens (
    id uuid CONSTRAINT used_password_reset_tokens_pkey PRIMARY KEY,
    email varchar(255) NOT NULL,
    nonce varchar(64) NOT NULL CONSTRAINT used_password_reset_tokens_nonce_key UNIQUE,
    used_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX used_password_reset_tokens_email_idx ON used_password_reset_tokens (lower(email));

CREATE TABLE rate_limits (
    key text CONSTRAINT rate_limits_pkey PRIMARY KEY,
    count integer NOT NULL,
    quota integer NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX rate_limits_expires_at_idx ON rate_limits (expires_at);

CREATE TABLE idempotency_keys (
    caller_id uuid NOT NULL CONSTRAINT idempotency_keys_caller_id_fkey REFERENCES users ON DELETE CASCADE,
    path varchar(255) NOT NULL,
    key varchar(128) NOT NULL,
    claim_id uuid NOT NULL,
    body_hmac varchar(64) NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller_id, path, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);
"""

# Accounts that are being deleted have no place in the schema before.
DOWNGRADE = """
DROP TABLE idempotency_keys, rate_limits, used_password_reset_tokens, one_time_tokens;
DELETE FROM files USING users WHERE users.id = files.user_id AND users.deleted_at IS NOT NULL;
DELETE FROM users WHERE deleted_at IS NOT NULL;
DROP INDEX users_username_key, users_email_key, users_created_at_id_idx, users_search_idx, users_admins_idx;
ALTER TABLE users DROP COLUMN deleted_at;
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email));
DROP EXTENSION pg_trgm;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
