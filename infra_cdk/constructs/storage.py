"""The buckets: uploads, exports, and the access logs of both and of CloudFront."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept

UPLOAD_PREFIX = "uploads/"
_EXPORT_DAYS = 7
_NONCURRENT_DAYS = 7
_ACCESS_LOG_DAYS = 90


@dataclass(frozen=True, slots=True)
class BucketNames:
    """Names given here rather than by CloudFormation: the page's policy names the buckets, whose CORS names the page."""

    uploads: str
    exports: str
    region: str

    @classmethod
    def of(cls, stack: Stack, environment: Environment) -> "BucketNames":
        """The names in a stack's account and region."""
        place = f"{stack.account}-{stack.region}"
        return cls(f"{environment.prefix}-uploads-{place}", f"{environment.prefix}-exports-{place}", stack.region)

    @property
    def origins(self) -> list[str]:
        """Where browsers reach them, as `shared.aws.storage` signs it."""
        return [f"https://{name}.s3.{self.region}.amazonaws.com" for name in (self.uploads, self.exports)]


class AccessLogs(Construct):
    """The bucket that other buckets and CloudFront write their access logs to."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            # CloudFront delivers its logs by an ACL.
            object_ownership=s3.ObjectOwnership.OBJECT_WRITER,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(_ACCESS_LOG_DAYS))],
            removal_policy=_removal(environment),
        )
        accept(self.bucket, "It holds the access logs; its own would follow themselves.", "AwsSolutions-S1")


class Storage(Construct):
    """Private buckets that browsers reach by presigned URLs only."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        names: BucketNames,
        origins: Sequence[str],
        logs: s3.Bucket,
    ) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self._names = names
        self._logs = logs
        self.uploads = self._make_uploads(origins)
        self.exports = self._make_exports(origins)

    def _make_uploads(self, origins: Sequence[str]) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Uploads",
            bucket_name=self._names.uploads,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            server_access_logs_bucket=self._logs,
            server_access_logs_prefix="uploads/",
            cors=[_cors(origins, s3.HttpMethods.PUT, s3.HttpMethods.GET)],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="NotCurrent",
                    noncurrent_version_expiration=Duration.days(_NONCURRENT_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                    expired_object_delete_marker=True,
                )
            ],
            removal_policy=_removal(self._environment),
        )
        # CDK's own switch for this adds a custom resource, and with it one more function to trust.
        resource_of(bucket).notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid="NeverOverwrite",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(f"{UPLOAD_PREFIX}*")],
                # A presigned PUT stays good until it ends; this keeps it from replacing what was checked.
                conditions={"Null": {"s3:if-none-match": "true"}},
            )
        )
        return bucket

    def _make_exports(self, origins: Sequence[str]) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Exports",
            bucket_name=self._names.exports,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=self._logs,
            server_access_logs_prefix="exports/",
            cors=[_cors(origins, s3.HttpMethods.GET)],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Expire",
                    expiration=Duration.days(_EXPORT_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            # Copies of what the database and the uploads hold.
            removal_policy=RemovalPolicy.DESTROY,
        )


def _removal(environment: Environment) -> RemovalPolicy:
    return RemovalPolicy.RETAIN if environment.protected else RemovalPolicy.DESTROY


def _cors(origins: Sequence[str], *methods: s3.HttpMethods) -> s3.CorsRule:
    return s3.CorsRule(
        allowed_origins=list(origins),
        allowed_methods=list(methods),
        allowed_headers=["content-type", "if-none-match", "x-amz-checksum-sha256"],
        exposed_headers=["ETag"],
        max_age=3600,
    )


def resource_of(bucket: s3.Bucket) -> s3.CfnBucket:
    """The CloudFormation resource of a bucket."""
    resource = bucket.node.default_child
    if not isinstance(resource, s3.CfnBucket):
        raise TypeError("a bucket without its resource")
    return resource
