"""How new code takes over the alias `live`."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.function import GroupFunction


class Rollout(Construct):
    """A tenth of the traffic for five minutes, then all of it; back at once when an alarm rings.

    Args:
        errors: The alarm of each function, by its name.
        failures: The alarm of the API: a function that answers 500 has not failed in Lambda's eyes.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        functions: Sequence[GroupFunction],
        errors: Mapping[str, cloudwatch.IAlarm],
        failures: cloudwatch.IAlarm,
    ) -> None:
        super().__init__(scope, id_)
        application = codedeploy.LambdaApplication(self, "Application", application_name=environment.prefix)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSCodeDeployRoleForLambdaLimited")
            ],
        )
        accept(
            role,
            "The policy that AWS keeps for this service; it moves aliases and reads alarms.",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]",
        )
        for function in functions:
            codedeploy.LambdaDeploymentGroup(
                self,
                function.spec.construct_id,
                application=application,
                alias=function.alias,
                role=role,
                deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
                alarms=[errors[function.spec.name], failures],
                auto_rollback=codedeploy.AutoRollbackConfig(deployment_in_alarm=True, failed_deployment=True),
            )
