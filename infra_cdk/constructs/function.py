"""One construct makes every function."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept, named
from infra_cdk.constructs.network import log_retention
from infra_cdk.functions import FunctionSpec
from infra_cdk.permissions import NETWORK_INTERFACES

LIVE = "live"
# Lambda drops what is below its own level, which wins over the variable in the functions too.
_LEVELS = {
    "DEBUG": lambda_.ApplicationLogLevel.DEBUG,
    "INFO": lambda_.ApplicationLogLevel.INFO,
    "WARNING": lambda_.ApplicationLogLevel.WARN,
    "ERROR": lambda_.ApplicationLogLevel.ERROR,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function stands in the VPC."""

    vpc: ec2.Vpc
    security_group: ec2.SecurityGroup


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement of a role; `wildcard` is why a resource ends in `*`, or is nothing else."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    wildcard: str | None = None


class GroupFunction(Construct):
    """A function with its log, its role, and the alias `live` that all callers use.

    Born with what every function does (write its log, trace); the stack hands in the rest.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: FunctionSpec,
        environment: Environment,
        code: lambda_.Code,
        variables: Mapping[str, str],
        grants: Sequence[Grant] = (),
        place: Place | None = None,
        architecture: lambda_.Architecture = lambda_.Architecture.ARM_64,
    ) -> None:
        super().__init__(scope, id_)
        self.spec = spec
        name = f"{environment.prefix}-{spec.name}"
        self.log = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/reviewpoint/{environment.name}/{spec.name}",
            retention=log_retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), description=f"What {name} may do"
        )
        self._permit(grants, in_vpc=place is not None)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=spec.why,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=architecture,
            handler=spec.handler,
            code=code,
            role=self.role,
            memory_size=spec.memory_mib,
            timeout=Duration.seconds(spec.timeout_seconds),
            environment=dict(variables),
            log_group=self.log,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=_log_level(variables),
            reserved_concurrent_executions=spec.reserved_concurrency,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if environment.snap_start else None,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
            vpc=place.vpc if place else None,
            vpc_subnets=_PRIVATE if place else None,
            security_groups=[place.security_group] if place else None,
        )
        # CDK's own switch adds its statement to the role's other ones, where nothing may be on any resource.
        _resource_of(self.function).tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
        self._accept_findings()
        self.alias = lambda_.Alias(self, "Live", alias_name=LIVE, version=self.function.current_version)

    def _permit(self, grants: Sequence[Grant], *, in_vpc: bool) -> None:
        every = [
            Grant("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [self.log.log_group_arn], "its own streams"),
            Grant("Trace", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"], "X-Ray knows no resources"),
        ]
        if in_vpc:
            every.append(Grant("Network", NETWORK_INTERFACES, ["*"], "the interfaces do not exist before the call"))
        # In a policy of their own, so that what is accepted there lets no other statement become as broad.
        anything = iam.Policy(self.role, "AnyResource", roles=[self.role])
        for grant in (*every, *grants):
            statement = iam.PolicyStatement(sid=grant.sid, actions=list(grant.actions), resources=list(grant.resources))
            if list(grant.resources) == ["*"] and grant.wildcard is not None:
                anything.add_statements(statement)
                accept(anything, f"{grant.sid}: {grant.wildcard}.", "AwsSolutions-IAM5[Resource::*]")
                continue
            self.role.add_to_policy(statement)
            for resource in grant.resources if grant.wildcard is not None else ():
                if resource != "*":
                    finding = f"AwsSolutions-IAM5[Resource::{named(self, resource)}]"
                    accept(self.role, f"{grant.sid}: {grant.wildcard}.", finding)

    def _accept_findings(self) -> None:
        accept(
            self.function,
            "API Gateway and SQS invoke with an answer; what EventBridge invokes has a failure queue on its rule.",
            "Serverless-LambdaDLQ",
        )
        accept(
            self.function,
            "3.13 is what the locks are compiled and tested for; a newer one comes with them.",
            "AwsSolutions-L1",
            "Serverless-LambdaLatestVersion",
        )


def _resource_of(function: lambda_.Function) -> lambda_.CfnFunction:
    resource = function.node.default_child
    if not isinstance(resource, lambda_.CfnFunction):
        raise TypeError("a function without its resource")
    return resource


_PRIVATE = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)


def _log_level(variables: Mapping[str, str]) -> lambda_.ApplicationLogLevel:
    is_debug = variables.get("DEBUG") == "true"
    return _LEVELS["DEBUG" if is_debug else variables.get("LOG_LEVEL", "INFO")]
