"""Queues that wake functions, each with a queue for what failed too often."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.constructs.findings import accept

MAX_RECEIVES = 5
_KEPT = Duration.days(14)


class WorkQueue(Construct):
    """A queue and its dead letters; `timeout_seconds` is that of the function which takes the messages."""

    def __init__(self, scope: Construct, id_: str, *, name: str, timeout_seconds: int) -> None:
        super().__init__(scope, id_)
        self.dead_letters = make_failure_queue(self, "Dead", name=f"{name}-dead")
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            # AWS's rule: six times the function's, so that no message is handed out again while it is worked on.
            visibility_timeout=Duration.seconds(6 * timeout_seconds),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )


def make_failure_queue(scope: Construct, id_: str, *, name: str) -> sqs.Queue:
    """A queue that keeps for two weeks what an operator has to look at."""
    queue = sqs.Queue(
        scope,
        id_,
        queue_name=name,
        retention_period=_KEPT,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
    )
    accept(queue, "It is the end of the line, with an alarm on it.", "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
    return queue
