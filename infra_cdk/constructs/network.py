"""The VPC: functions reach AWS through NAT, the database reaches nothing."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra_cdk.config import Environment

POSTGRES = ec2.Port.tcp(5432)
VALKEY = ec2.Port.tcp_range(6379, 6380)


class Network(Construct):
    """Public, private and isolated subnets in each zone, and who may talk to whom.

    No interface endpoints: they cost more than NAT from the third on, and none serves the management calls of a
    WebSocket API, whose private name it would break.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.0.0.0/16"),
            availability_zones=environment.availability_zones,
            nat_gateways=environment.nat_gateways,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
                ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
            },
        )
        self._log_flows(environment)
        self.functions = self._group("Functions", "Functions, as users of the database")
        self.owner = self._group("Owner", "The function that migrates, as owner of the database")
        self.proxy = self._group("Proxy", "RDS Proxy")
        self.database = self._group("Database", "Aurora")
        for group in (self.functions, self.owner):
            group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "AWS's own APIs")
        self._connect(self.functions, self.proxy, POSTGRES)
        self._connect(self.proxy, self.database, POSTGRES)
        self._connect(self.owner, self.database, POSTGRES)

    def _log_flows(self, environment: Environment) -> None:
        group = logs.LogGroup(
            self, "FlowLogs", retention=log_retention(environment.log_days), removal_policy=RemovalPolicy.DESTROY
        )
        self.vpc.add_flow_log(
            "Flows",
            destination=ec2.FlowLogDestination.to_cloud_watch_logs(group),
            traffic_type=ec2.FlowLogTrafficType.REJECT,
        )

    def _group(self, id_: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, id_, vpc=self.vpc, description=description, allow_all_outbound=False)

    def _connect(self, source: ec2.SecurityGroup, target: ec2.SecurityGroup, port: ec2.Port) -> None:
        source.add_egress_rule(target, port)
        target.add_ingress_rule(source, port)

    def add_cache_group(self) -> ec2.SecurityGroup:
        """The security group of a cache, open to functions."""
        group = self._group("Cache", "Valkey")
        self._connect(self.functions, group, VALKEY)
        return group


def log_retention(days: int) -> logs.RetentionDays:
    """CloudWatch's own word for a number of days that `config` has let through."""
    named = {
        1: logs.RetentionDays.ONE_DAY,
        3: logs.RetentionDays.THREE_DAYS,
        5: logs.RetentionDays.FIVE_DAYS,
        7: logs.RetentionDays.ONE_WEEK,
        14: logs.RetentionDays.TWO_WEEKS,
        30: logs.RetentionDays.ONE_MONTH,
        60: logs.RetentionDays.TWO_MONTHS,
        90: logs.RetentionDays.THREE_MONTHS,
        120: logs.RetentionDays.FOUR_MONTHS,
        150: logs.RetentionDays.FIVE_MONTHS,
        180: logs.RetentionDays.SIX_MONTHS,
        365: logs.RetentionDays.ONE_YEAR,
        400: logs.RetentionDays.THIRTEEN_MONTHS,
        545: logs.RetentionDays.EIGHTEEN_MONTHS,
        731: logs.RetentionDays.TWO_YEARS,
        1827: logs.RetentionDays.FIVE_YEARS,
        3653: logs.RetentionDays.TEN_YEARS,
    }
    return named[days]
