"""The buckets, queues and rules that the stack declares in AWS, made in the emulator at each start."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parseaddr
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from infra_local.emulator import CREDENTIALS, REGION
from infra_local.errors import StartError
from infra_local.functions import FUNCTIONS

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient

_MAX_RECEIVES = 5
# Above the function's timeout, so that no message is handed out while it is worked on.
_VISIBILITY_MARGIN_SECONDS = 10


def config(*, retries: int = 3) -> Config:
    """How our own clients talk to the emulator: signature version 4, the bucket in the path."""
    return Config(
        region_name=REGION,
        signature_version="v4",
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": retries},
        read_timeout=30,
    )


def session() -> boto3.Session:
    """A session with the emulator's credentials, whatever the shell holds."""
    return boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def apply(
    endpoint: str, *, upload_bucket: str, export_bucket: str, origins: Sequence[str], mail_from: str
) -> Mapping[str, str]:
    """Make everything that is missing, and set what the emulator has forgotten.

    Args:
        endpoint: The emulator.
        upload_bucket: The bucket that browsers put into.
        export_bucket: The bucket of exports.
        origins: Whom the buckets' CORS lets in.
        mail_from: The sender of mails, as `MAIL_FROM`; SES sends for identities that it knows only.

    Returns:
        The queues' URLs, by their names in `functions.py`.

    Raises:
        StartError: A name that AWS does not take.
    """
    aws = session()
    sqs: SQSClient = aws.client("sqs", endpoint_url=endpoint, config=config())
    s3: S3Client = aws.client("s3", endpoint_url=endpoint, config=config())
    events: EventBridgeClient = aws.client("events", endpoint_url=endpoint, config=config())
    ses: SESV2Client = aws.client("sesv2", endpoint_url=endpoint, config=config())
    with _naming("MAIL_FROM"):
        ses.create_email_identity(EmailIdentity=parseaddr(mail_from)[1])
    urls = {
        function.queue: make_queue(sqs, function.queue, function.timeout_seconds)
        for function in FUNCTIONS
        if function.queue is not None
    }
    with _naming("UPLOAD_BUCKET"):
        _make_bucket(s3, upload_bucket, origins, ["PUT", "GET"])
    with _naming("EXPORT_BUCKET"):
        _make_bucket(s3, export_bucket, origins, ["GET"])
    s3.put_bucket_versioning(Bucket=upload_bucket, VersioningConfiguration={"Status": "Enabled"})
    _route_uploads(s3, events, upload_bucket, _arn(sqs, urls["uploads"]))
    return urls


@contextmanager
def _naming(variable: str) -> Generator[None]:
    try:
        yield
    except (ClientError, ParamValidationError) as error:
        raise StartError(f"Bad setting. {variable}: {' '.join(str(error).split())}") from error


def make_queue(sqs: "SQSClient", name: str, timeout_seconds: int) -> str:
    """A queue whose messages go to the dead letters once they were received five times in vain; its URL."""
    dead_letters = sqs.create_queue(
        QueueName=f"reviewpoint-{name}-dead", Attributes={"MessageRetentionPeriod": "1209600"}
    )
    redrive = {"deadLetterTargetArn": _arn(sqs, dead_letters["QueueUrl"]), "maxReceiveCount": _MAX_RECEIVES}
    queue = sqs.create_queue(
        QueueName=f"reviewpoint-{name}",
        Attributes={
            "VisibilityTimeout": str(timeout_seconds + _VISIBILITY_MARGIN_SECONDS),
            "RedrivePolicy": json.dumps(redrive),
        },
    )
    return queue["QueueUrl"]


def _arn(sqs: "SQSClient", url: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return answer["Attributes"]["QueueArn"]


def _make_bucket(s3: "S3Client", bucket: str, origins: Sequence[str], methods: Sequence[str]) -> None:
    try:
        s3.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "BucketAlreadyOwnedByYou":
            raise
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_cors(
        Bucket=bucket,
        CORSConfiguration={
            "CORSRules": [
                {
                    "AllowedOrigins": list(origins),
                    "AllowedMethods": list(methods),
                    "AllowedHeaders": ["content-type", "if-none-match", "x-amz-checksum-sha256"],
                    "ExposeHeaders": ["ETag"],
                    "MaxAgeSeconds": 3600,
                }
            ]
        },
    )


def _route_uploads(s3: "S3Client", events: "EventBridgeClient", bucket: str, queue_arn: str) -> None:
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": queue_arn}])
