"""What functions may do in AWS, by names that `functions.py` uses; each is one statement of a role."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """Actions on one kind of resource, which the stack knows by name; some only where GuardDuty scans."""

    actions: tuple[str, ...]
    resource: str
    needs_scanner: bool = False


PERMISSIONS: Mapping[str, Permission] = {
    # What a presigned PUT does is checked against the role that signed it.
    "uploads.put": Permission(("s3:PutObject",), "upload_objects"),
    "uploads.get": Permission(("s3:GetObject", "s3:GetObjectVersion"), "upload_objects"),
    # Without it S3 answers a HEAD of a key that is not there with 403 instead of 404.
    "uploads.list": Permission(("s3:ListBucket",), "upload_bucket"),
    "uploads.list_versions": Permission(("s3:ListBucketVersions",), "upload_bucket"),
    "uploads.tags": Permission(("s3:GetObjectVersionTagging",), "upload_objects", needs_scanner=True),
    "malware.scan": Permission(("guardduty:SendObjectMalwareScan",), "any_scan", needs_scanner=True),
    "uploads.delete": Permission(("s3:DeleteObjectVersion",), "upload_objects"),
    "exports.put": Permission(("s3:PutObject", "s3:AbortMultipartUpload"), "export_objects"),
    "exports.get": Permission(("s3:GetObject",), "export_objects"),
    "upload_queue.send": Permission(("sqs:SendMessage",), "upload_queue"),
    "archive_queue.send": Permission(("sqs:SendMessage",), "archive_queue"),
    "outbox_queue.send": Permission(("sqs:SendMessage",), "outbox_queue"),
    "mail.send": Permission(("ses:SendEmail",), "mail_identity"),
    "sockets.post": Permission(("execute-api:ManageConnections",), "socket_posts"),
    "sockets.close": Permission(("execute-api:ManageConnections",), "socket_closes"),
}

SQS_CONSUMER = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
"""What Lambda's poller does in the function's name."""

NETWORK_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does in the function's name to stand in the VPC; none of it takes a resource before the fact."""
