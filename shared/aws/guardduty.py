"""GuardDuty Malware Protection for S3: a scan on demand, beside those that it does of its own."""

from shared import settings
from shared.aws.client import client, reaching


def request_scan(key: str, version_id: str) -> None:
    """Have a version of an object scanned; its result comes as an event.

    Raises:
        ServiceUnavailableError: GuardDuty was not reachable, or refused.
    """
    stored = {"Bucket": settings.storage().upload_bucket, "Key": key, "VersionId": version_id}
    with reaching("malware scanner"):
        client("guardduty").send_object_malware_scan(S3Object=stored)
