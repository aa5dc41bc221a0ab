"""The WebSocket API: three routes, all to one function."""

from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.function import GroupFunction

STAGE = "ws"
"""Also the path by which CloudFront hands sockets on."""

ROUTES = ("$connect", "$disconnect", "$default")


class SocketApi(Construct):
    """The API and its addresses; `serve` gives it its function."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        stack = Stack.of(self)
        self._environment = environment
        self.api = apigateway.CfnApi(
            self,
            "Api",
            name=f"{environment.prefix}-sockets",
            protocol_type="WEBSOCKET",
            # Any message without a route of its own goes to $default, and none has one.
            route_selection_expression="$request.body.type",
        )
        self.host = f"{self.api.ref}.execute-api.{stack.region}.{stack.url_suffix}"
        self.endpoint = f"https://{self.host}/{STAGE}"
        self._arn = f"arn:{stack.partition}:execute-api:{stack.region}:{stack.account}:{self.api.ref}"

    def connections_arn(self, method: str) -> str:
        """What the management API's calls of a method are allowed on."""
        return f"{self._arn}/{STAGE}/{method}/@connections/*"

    def serve(self, function: GroupFunction) -> None:
        """Send all events to the function."""
        stack = Stack.of(self)
        lambda_.CfnPermission(
            function,
            "SocketApiInvokes",
            action="lambda:InvokeFunction",
            function_name=function.alias.function_arn,
            principal="apigateway.amazonaws.com",
            source_arn=f"{self._arn}/*",
        )
        invocation = f"{function.alias.function_arn}/invocations"
        integration = apigateway.CfnIntegration(
            self,
            "Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=(
                f"arn:{stack.partition}:apigateway:{stack.region}:lambda:path/2015-03-31/functions/{invocation}"
            ),
        )
        for key in ROUTES:
            route = apigateway.CfnRoute(
                self,
                key.removeprefix("$").capitalize(),
                api_id=self.api.ref,
                route_key=key,
                authorization_type="NONE",
                target=f"integrations/{integration.ref}",
                # What the function answers to a message goes to the client.
                route_response_selection_expression="$default" if key == "$default" else None,
            )
            if key == "$default":
                apigateway.CfnRouteResponse(
                    self, "Reply", api_id=self.api.ref, route_id=route.ref, route_response_key="$default"
                )
            accept(route, "The function checks the token in the subprotocol before it connects.", "AwsSolutions-APIG4")
        self._make_stage()

    def _make_stage(self) -> None:
        stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name=STAGE,
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=self._environment.throttle.rate_per_second,
                throttling_burst_limit=self._environment.throttle.burst,
            ),
        )
        accept(
            stage,
            "The function logs each event; this API's access log would need a role of the whole account.",
            "AwsSolutions-APIG1",
            "Serverless-APIGWAccessLogging",
            "Serverless-APIGWStructuredLogging",
        )
