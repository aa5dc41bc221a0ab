"""The audit trail, in monthly partitions.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"

UPGRADE = """
-- No foreign keys: an event outlives what it tells of. Partitions are made and dropped by the migrations function.
CREATE TABLE audit_events (
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    actor_id uuid,
    actor_role text,
    target_type text,
    target_id uuid,
    outcome text NOT NULL CONSTRAINT audit_events_outcome_check CHECK (outcome IN ('success', 'failure')),
    ip varchar(45),
    user_agent varchar(255),
    request_id varchar(128),
    details jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT audit_events_pkey PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
CREATE INDEX audit_events_actor_id_occurred_at_id_idx ON audit_events (actor_id, occurred_at, id);
CREATE INDEX audit_events_target_id_occurred_at_id_idx ON audit_events (target_id, occurred_at, id);
CREATE INDEX audit_events_action_occurred_at_id_idx ON audit_events (action, occurred_at, id);
"""

DOWNGRADE = "DROP TABLE audit_events;"


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
