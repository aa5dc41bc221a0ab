"""The schema is brought up to date in each deploy, before new code goes live."""

from collections.abc import Sequence

from aws_cdk import CustomResource, Duration
from constructs import Construct, IDependable

from infra_cdk.constructs.function import GroupFunction


class Migration(Construct):
    """Invokes the `migrations` function whenever its code is new.

    Aliases depend on it: when it fails the deploy stops, and they still name the versions that served before.
    The function answers CloudFormation by itself, so no provider function with rights of its own is needed.
    """

    def __init__(self, scope: Construct, id_: str, *, function: GroupFunction, after: Sequence[IDependable]) -> None:
        super().__init__(scope, id_)
        self.resource = CustomResource(
            self,
            "Schema",
            resource_type="Custom::Schema",
            # CloudFormation never lets this name change, so it is not the version's.
            service_token=function.function.function_arn,
            # The function's own timeout and a cold start: one that dies without an answer ends the deploy then.
            service_timeout=Duration.seconds(function.spec.timeout_seconds + 60),
            properties={"action": "migrate", "version": function.function.current_version.version},
        )
        self.resource.node.add_dependency(function.role, *after)

    def gate(self, functions: Sequence[GroupFunction]) -> None:
        """Let these go live only once the schema is there."""
        for function in functions:
            function.alias.node.add_dependency(self.resource)
