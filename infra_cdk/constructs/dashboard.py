"""One dashboard per environment."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.function import GroupFunction
from infra_cdk.constructs.queues import WorkQueue

_FIVE_MINUTES = Duration.minutes(5)
_HALF = 12


class Dashboard(Construct):
    """Requests, functions, queues, database and the business, on one page."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        api_id: str,
        functions: Sequence[GroupFunction],
        queues: Mapping[str, WorkQueue],
        cluster: rds.CfnDBCluster,
        proxy: rds.CfnDBProxy,
    ) -> None:
        super().__init__(scope, id_)
        api = {"ApiId": api_id, "Stage": "$default"}
        aurora, front = {"DBClusterIdentifier": cluster.ref}, {"ProxyName": proxy.ref}
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=environment.prefix)
        board.add_widgets(
            _graph("Requests", [_metric("AWS/ApiGateway", name, api, "Sum") for name in ("Count", "4xx", "5xx")]),
            _graph("Latency (ms)", [_metric("AWS/ApiGateway", "Latency", api, which) for which in ("p50", "p99")]),
        )
        board.add_widgets(
            _graph("Invocations", [f.alias.metric_invocations(period=_FIVE_MINUTES) for f in functions]),
            _graph("Errors", [f.alias.metric_errors(period=_FIVE_MINUTES) for f in functions]),
        )
        board.add_widgets(
            _graph("Duration p99", [f.alias.metric_duration(statistic="p99", period=_FIVE_MINUTES) for f in functions]),
            _graph(
                "Oldest message (s)",
                [q.queue.metric_approximate_age_of_oldest_message(period=_FIVE_MINUTES) for q in queues.values()],
            ),
        )
        board.add_widgets(
            _graph("Aurora", [_metric("AWS/RDS", n, aurora, "Maximum") for n in ("ACUUtilization", "CPUUtilization")]),
            _graph(
                "Connections",
                [
                    _metric("AWS/RDS", "DatabaseConnections", aurora, "Maximum"),
                    _metric("AWS/RDS", "ClientConnections", front, "Maximum"),
                    _metric("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", front, "Maximum"),
                ],
            ),
        )
        board.add_widgets(
            _graph(
                "Uploads",
                [
                    _metric("ReViewPoint", name, {"service": f"{environment.prefix}-{service}"}, "Sum")
                    for name, service in (
                        ("UploadAvailable", "s3_events"),
                        ("UploadRejected", "s3_events"),
                        ("UploadExpired", "sweeper"),
                    )
                ],
            ),
        )


def _metric(namespace: str, name: str, dimensions: Mapping[str, str], statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dict(dimensions),
        statistic=statistic,
        period=_FIVE_MINUTES,
    )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=_HALF)
