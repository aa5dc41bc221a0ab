"""The page's files in a private bucket."""

from pathlib import Path

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk.aws_logs import LogGroup
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept, named
from infra_cdk.constructs.network import log_retention
from infra_cdk.constructs.storage import resource_of

_WEB = Path(__file__).resolve().parents[2] / "web"
_DEPLOYER = "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C"


class Website(Construct):
    """The files of `web/`, which CloudFront alone may read."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, logs: s3.Bucket) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self.bucket = s3.Bucket(
            self,
            "Page",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            server_access_logs_bucket=logs,
            server_access_logs_prefix="page/",
            # Every file of it comes from the repository.
            removal_policy=RemovalPolicy.DESTROY,
        )

    def deploy(self, distribution: cloudfront.Distribution) -> None:
        """Copy the files, and have CloudFront forget the old ones."""
        # CDK's function would make one by itself, and keep it for ever.
        log = LogGroup(
            self,
            "Log",
            retention=log_retention(self._environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        deployment.BucketDeployment(
            self,
            "Files",
            sources=[deployment.Source.asset(str(_WEB))],
            destination_bucket=self.bucket,
            distribution=distribution,
            distribution_paths=["/*"],
            cache_control=[deployment.CacheControl.from_string("no-cache")],
            retain_on_delete=False,
            log_group=log,
        )
        self._accept_findings()

    def _accept_findings(self) -> None:
        stack = Stack.of(self)
        deployer = stack.node.find_child(_DEPLOYER)
        accept(
            deployer,
            "CDK's own function for copying files at deploy time; it never sees a request.",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
            "AwsSolutions-L1",
            "Serverless-LambdaDLQ",
            "Serverless-LambdaDefaultMemorySize",
            "Serverless-LambdaLatestVersion",
            "Serverless-LambdaTracing",
        )
        assets = f"arn:aws:s3:::cdk-hnb659fds-assets-{stack.account}-{stack.region}/*"
        page = stack.get_logical_id(resource_of(self.bucket))
        accept(
            deployer,
            "CDK grants it by families of actions, on the page's bucket and the assets' alone.",
            *(
                f"AwsSolutions-IAM5[Action::s3:{family}*]"
                for family in ("GetObject", "GetBucket", "List", "DeleteObject", "Abort")
            ),
            f"AwsSolutions-IAM5[Resource::{named(stack, assets)}]",
            f"AwsSolutions-IAM5[Resource::<{page}.Arn>/*]",
        )
        accept(deployer, "CloudFront's invalidations know no resources.", "AwsSolutions-IAM5[Resource::*]")
