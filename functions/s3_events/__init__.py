"""`s3_events`: bytes that arrived are checked, off a queue."""
