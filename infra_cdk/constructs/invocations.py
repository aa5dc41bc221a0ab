"""What invokes functions besides the API: queues, schedules, and the arrival of an object."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.function import GroupFunction
from infra_cdk.constructs.queues import WorkQueue
from infra_cdk.constructs.storage import UPLOAD_PREFIX


def take_from_queue(function: GroupFunction, queue: WorkQueue) -> None:
    """Have Lambda's poller invoke the function with the queue's messages."""
    mapping = lambda_.CfnEventSourceMapping(
        function,
        "Messages",
        event_source_arn=queue.queue.queue_arn,
        function_name=function.alias.function_arn,
        batch_size=function.spec.batch_size,
        # With more than one message each fails on its own.
        function_response_types=["ReportBatchItemFailures"] if function.spec.batch_size > 1 else None,
        scaling_config=lambda_.CfnEventSourceMapping.ScalingConfigProperty(
            maximum_concurrency=max(2, function.spec.reserved_concurrency or 2)
        ),
    )
    mapping.node.add_dependency(function.role)
    accept(mapping, "A queue's failures go to its own dead letters.", "Serverless-LambdaEventSourceMappingDestination")


def invoke_on_schedule(function: GroupFunction, *, minutes: int, failures: sqs.Queue) -> events.Rule:
    """Invoke the function every so many minutes; invocations that fail for good end in `failures`."""
    rule = events.Rule(function, "Schedule", schedule=events.Schedule.rate(Duration.minutes(minutes)))
    rule.add_target(targets.LambdaFunction(function.alias, dead_letter_queue=failures, retry_attempts=2))
    return rule


def announce_uploads(
    scope: Construct, id_: str, *, bucket: s3.Bucket, queue: WorkQueue, failures: sqs.Queue
) -> events.Rule:
    """Put a message on the queue for each object that arrives."""
    pattern = events.EventPattern(
        source=["aws.s3"],
        detail_type=["Object Created"],
        detail={"bucket": {"name": [bucket.bucket_name]}, "object": {"key": [_prefixed(UPLOAD_PREFIX)]}},
    )
    return _announce(scope, id_, pattern, queue=queue, failures=failures)


def announce_scans(
    scope: Construct, id_: str, *, bucket: s3.Bucket, queue: WorkQueue, failures: sqs.Queue
) -> events.Rule:
    """Put a message on the queue for each result of GuardDuty."""
    pattern = events.EventPattern(
        source=["aws.guardduty"],
        detail_type=["GuardDuty Malware Protection Object Scan Result"],
        detail={
            "s3ObjectDetails": {"bucketName": [bucket.bucket_name], "objectKey": [_prefixed(UPLOAD_PREFIX)]},
        },
    )
    return _announce(scope, id_, pattern, queue=queue, failures=failures)


def _announce(
    scope: Construct, id_: str, pattern: events.EventPattern, *, queue: WorkQueue, failures: sqs.Queue
) -> events.Rule:
    rule = events.Rule(scope, id_, event_pattern=pattern)
    rule.add_target(targets.SqsQueue(queue.queue, dead_letter_queue=failures))
    return rule


def _prefixed(prefix: str) -> Mapping[str, str]:
    return {"prefix": prefix}
