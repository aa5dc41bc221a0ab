"""The token for RDS Proxy."""

import time
from urllib.parse import parse_qs, urlsplit

import boto3

from shared.aws import rds_auth


def test_token_is_what_boto3s_rds_client_makes() -> None:
    def at_one_instant() -> tuple[str, str]:
        client = boto3.client("rds", region_name="us-east-1")
        return rds_auth.token("proxy.example.org", "reviewpoint_auth"), client.generate_db_auth_token(
            DBHostname="proxy.example.org", Port=5432, DBUsername="reviewpoint_auth"
        )

    ours, theirs = at_one_instant()
    while parse_qs(urlsplit(ours).query)["X-Amz-Date"] != parse_qs(urlsplit(theirs).query)["X-Amz-Date"]:
        time.sleep(0.01)
        ours, theirs = at_one_instant()
    assert ours == theirs


def test_certificate_bundle_is_there() -> None:
    with open(rds_auth.CA_FILE) as bundle:
        assert "Amazon Root CA 1" in bundle.read()
