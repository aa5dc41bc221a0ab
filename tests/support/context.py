"""Lambda's context object, as far as code here reads it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Context:
    """An invocation with ten seconds left."""

    function_name: str = "test"
    function_version: str = "$LATEST"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:test"
    memory_limit_in_mb: int = 512
    log_stream_name: str = "stream"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"
    remaining_ms: int = 30_000

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda would end the invocation."""
        return self.remaining_ms
