"""The whole system on one machine: PostgreSQL, storage, queues and a gateway around the real handlers."""
