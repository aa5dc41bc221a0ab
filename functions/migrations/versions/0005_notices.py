"""Notices and the WebSocket connections they go to.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0001"

UPGRADE = """
CREATE TABLE notices (
    id uuid CONSTRAINT notices_pkey PRIMARY KEY,
    -- Null: to everybody.
    user_id uuid CONSTRAINT notices_user_id_fkey REFERENCES users ON DELETE CASCADE,
    type text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notices_user_id_id_idx ON notices (user_id, id);
CREATE INDEX notices_created_at_idx ON notices (created_at);

CREATE TABLE websocket_connections (
    -- API Gateway's own.
    id varchar(128) CONSTRAINT websocket_connections_pkey PRIMARY KEY,
    -- No foreign keys: the row outlives its session and its user until the socket is closed.
    user_id uuid NOT NULL,
    session_id uuid NOT NULL,
    events text[] NOT NULL DEFAULT '{}',
    -- Is to be closed, whatever its session.
    ended boolean NOT NULL DEFAULT false,
    -- How many messages came since when; what limits a flood.
    messages integer NOT NULL DEFAULT 0,
    counted_from timestamptz NOT NULL DEFAULT now(),
    connected_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX websocket_connections_user_id_idx ON websocket_connections (user_id, connected_at);
CREATE INDEX websocket_connections_connected_at_idx ON websocket_connections (connected_at);
"""

DOWNGRADE = "DROP TABLE websocket_connections, notices;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
