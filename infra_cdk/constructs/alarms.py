"""Alarms to one topic, which mails them."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.function import GroupFunction
from infra_cdk.constructs.queues import WorkQueue

_MINUTE = Duration.minutes(1)
_FIVE_MINUTES = Duration.minutes(5)
_DAY_MINUTES = 24 * 60
_QUARTER = Duration.minutes(15)
_AT_LEAST = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
_BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD

MAX_ACU_PERCENT = 90
BACKLOG_SECONDS = 300
BORROW_LATENCY_US = 1_000_000
P99_MS = 3000
CERTIFICATE_DAYS = 30
"""ACM renews 60 days before the end."""


class Alarms(Construct):
    """What tells the operator that something needs a hand; `docs/operations.md` says which."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", topic_name=f"{environment.prefix}-alarms", enforce_ssl=True)
        stack = Stack.of(self)
        # With a policy of its own (for TLS) a topic lets in nobody who is not named.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "ArnLike": {
                        "aws:SourceArn": f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:*"
                    }
                },
            )
        )
        self.topic.add_subscription(subscriptions.EmailSubscription(environment.alert_email))
        accept(
            self.topic,
            "CloudWatch cannot publish under the key that AWS manages, and an alarm's text is no secret.",
            "AwsSolutions-SNS2",
        )
        accept(self, "A mail that is not taken is shown in CloudWatch all the same.", "Serverless-SNSRedrivePolicy")

    def _ring(
        self,
        id_: str,
        metric: cloudwatch.IMetric,
        description: str,
        *,
        threshold: float = 1,
        periods: int = 1,
        comparison: cloudwatch.ComparisonOperator = _AT_LEAST,
        missing: cloudwatch.TreatMissingData = cloudwatch.TreatMissingData.NOT_BREACHING,
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            id_,
            metric=metric,
            alarm_description=description,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=comparison,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm

    def watch_api(self, api_id: str) -> cloudwatch.Alarm:
        """Answers that are 5xx, whose alarm it gives, and slow ones."""
        dimensions = {"ApiId": api_id, "Stage": "$default"}

        def metric(name: str, statistic: str) -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="AWS/ApiGateway",
                metric_name=name,
                dimensions_map=dimensions,
                statistic=statistic,
                period=_FIVE_MINUTES,
            )

        rate = cloudwatch.MathExpression(
            expression="100 * errors / MAX([requests, 20])",
            using_metrics={"errors": metric("5xx", "Sum"), "requests": metric("Count", "Sum")},
            period=_FIVE_MINUTES,
        )
        self._ring(
            "ApiP99", metric("Latency", "p99"), "One answer of a hundred takes too long.", threshold=P99_MS, periods=3
        )
        return self._ring("Api5xx", rate, "More than 5 % of the API's answers are 5xx.", threshold=5)

    def watch_functions(self, functions: Sequence[GroupFunction]) -> Mapping[str, cloudwatch.Alarm]:
        """Errors of each function's live version, by function; throttles of all together."""
        errors = {
            function.spec.name: self._ring(
                f"{function.spec.construct_id}Errors",
                function.alias.metric_errors(period=_MINUTE),
                f"The function {function.spec.name} raised, ran out of time or of memory.",
            )
            for function in functions
        }
        throttles = {
            f"t{number}": function.function.metric_throttles(period=_FIVE_MINUTES)
            for number, function in enumerate(functions)
            # Those with a reserve are throttled by design, and their events wait.
            if function.spec.reserved_concurrency is None
        }
        throttled = cloudwatch.MathExpression(
            expression=" + ".join(throttles), using_metrics=throttles, period=_FIVE_MINUTES
        )
        self._ring("Throttles", throttled, "Lambda turned requests away: the account's concurrency is used up.")
        return errors

    def watch_queues(self, queues: Mapping[str, WorkQueue], failures: sqs.Queue) -> None:
        """Dead letters, and messages that wait too long."""
        for name, queue in queues.items():
            self._ring(
                f"{name.capitalize()}Dead",
                queue.dead_letters.metric_approximate_number_of_messages_visible(period=_FIVE_MINUTES),
                f"A message of the queue {name} failed for good; docs/operations.md, Redrive.",
            )
            self._ring(
                f"{name.capitalize()}Backlog",
                queue.queue.metric_approximate_age_of_oldest_message(period=_FIVE_MINUTES),
                f"Messages of the queue {name} wait for more than five minutes.",
                threshold=BACKLOG_SECONDS,
                periods=2,
            )
        self._ring(
            "Undelivered",
            failures.metric_approximate_number_of_messages_visible(period=_FIVE_MINUTES),
            "EventBridge could not deliver an event for good; docs/operations.md, Redrive.",
        )

    def watch_schedule(self, function: GroupFunction, *, minutes: int) -> None:
        """A scheduled function that does not run."""
        period = min(4 * minutes, _DAY_MINUTES)  # CloudWatch's longest
        self._ring(
            f"{function.spec.construct_id}NotRun",
            function.alias.metric_invocations(period=Duration.minutes(period)),
            f"The function {function.spec.name} has missed four of its runs.",
            periods=4 * minutes // period,
            comparison=_BELOW,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def watch_metric(self, function: GroupFunction, name: str, description: str, *, periods: int = 1) -> None:
        """Something that a function counts and that should never be."""
        metric = cloudwatch.Metric(
            namespace="ReViewPoint",
            metric_name=name,
            dimensions_map={"service": function.function.function_name},
            statistic="Sum",
            period=_QUARTER,
        )
        self._ring(name, metric, description, periods=periods)

    def watch_reach(self, host: str, certificate: acm.ICertificate | None) -> None:
        """Whether health answers the world over CloudFront, and the certificate lives on. In us-east-1 only."""
        check = route53.CfnHealthCheck(
            self,
            "Health",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="HTTPS",
                fully_qualified_domain_name=host,
                resource_path="/api/v1/health",
                request_interval=30,
                failure_threshold=3,
                # The fewest that Route 53 takes: each region asks of its own.
                regions=["us-east-1", "eu-west-1", "ap-southeast-1"],
            ),
        )
        status = cloudwatch.Metric(
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            dimensions_map={"HealthCheckId": check.ref},
            statistic="Minimum",
            period=_MINUTE,
        )
        self._ring(
            "Unhealthy",
            status,
            "Health says fail, or cannot be reached: docs/operations.md, Alarms.",
            comparison=_BELOW,
            periods=3,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        if certificate is not None:
            self._ring(
                "CertificateExpires",
                certificate.metric_days_to_expiry(),
                "The certificate was not renewed: are its records still in the zone?",
                threshold=CERTIFICATE_DAYS,
                comparison=_BELOW,
            )

    def watch_database(self, cluster: rds.CfnDBCluster, proxy: rds.CfnDBProxy, *, max_acu: float) -> None:
        """Capacity and connections of Aurora, waiting and pinning at the proxy."""

        def of(dimension: Mapping[str, str], name: str, statistic: str = "Maximum") -> cloudwatch.Metric:
            return cloudwatch.Metric(
                namespace="AWS/RDS",
                metric_name=name,
                dimensions_map=dict(dimension),
                statistic=statistic,
                period=_FIVE_MINUTES,
            )

        aurora, front = {"DBClusterIdentifier": cluster.ref}, {"ProxyName": proxy.ref}
        self._ring(
            "DatabaseCapacity",
            of(aurora, "ACUUtilization"),
            "Aurora uses nearly all the capacity it may.",
            threshold=MAX_ACU_PERCENT,
            periods=3,
        )
        self._ring(
            "DatabaseConnections",
            of(aurora, "DatabaseConnections"),
            "Aurora is near the connections its capacity allows.",
            threshold=_connections_alarm(max_acu),
        )
        self._ring(
            "ProxyBorrowLatency",
            of(front, "DatabaseConnectionsBorrowLatency", "Average"),
            "Functions wait for a connection of the proxy.",
            threshold=BORROW_LATENCY_US,
            periods=2,
        )
        self._ring(
            "ProxyPinned",
            of(front, "DatabaseConnectionsCurrentlySessionPinned"),
            "A statement pins the proxy's connections; its log says which.",
            periods=3,
        )


def _connections_alarm(max_acu: float) -> float:
    # Aurora allows some 90 connections per ACU of the maximum, 5000 at most; 80 % of it is time to act.
    return round(min(5000, 90 * max_acu) * 0.8)
