"""The HTTP API: routes to functions, and nothing else of its own."""

import json
from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.function import GroupFunction
from infra_cdk.constructs.network import log_retention
from infra_cdk.functions import DEFAULT_ROUTE

_ACCESS_LOG = {
    "time": "$context.requestTime",
    "request_id": "$context.requestId",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "integration_error": "$context.integrationErrorMessage",
    "response_bytes": "$context.responseLength",
}


class HttpApi(Construct):
    """`ANY` routes per function, with and without slash and below; CORS is left to the functions."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.api = apigateway.CfnApi(self, "Api", name=environment.prefix, protocol_type="HTTP")
        self.log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=f"/reviewpoint/{environment.name}/http-api",
            retention=log_retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=self.log.log_group_arn, format=json.dumps(_ACCESS_LOG)
            ),
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=environment.throttle.rate_per_second,
                throttling_burst_limit=environment.throttle.burst,
            ),
        )
        stack = Stack.of(self)
        self.host = f"{self.api.ref}.execute-api.{stack.region}.{stack.url_suffix}"

    def add_routes(self, functions: Sequence[GroupFunction]) -> None:
        """Route each function's prefixes to its alias."""
        for function in functions:
            if function.spec.routes:
                target = f"integrations/{self._integrate(function).ref}"
                for prefix in function.spec.routes:
                    self._route(function, prefix, target)

    def _integrate(self, function: GroupFunction) -> apigateway.CfnIntegration:
        stack = Stack.of(self)
        lambda_.CfnPermission(
            function,
            "HttpApiInvokes",
            action="lambda:InvokeFunction",
            function_name=function.alias.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}:{self.api.ref}/*",
        )
        return apigateway.CfnIntegration(
            self,
            function.spec.construct_id,
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.alias.function_arn,
            payload_format_version="2.0",
        )

    def _route(self, function: GroupFunction, prefix: str, target: str) -> None:
        keys = [prefix] if prefix == DEFAULT_ROUTE else [f"ANY {prefix}", f"ANY {prefix}/", f"ANY {prefix}/{{proxy+}}"]
        for number, key in enumerate(keys):
            route = apigateway.CfnRoute(
                self, f"{function.spec.construct_id}Route{number}", api_id=self.api.ref, route_key=key, target=target
            )
            accept(
                route,
                "Functions check tokens themselves: role and revocation are in the database, at every request.",
                "AwsSolutions-APIG4",
            )
