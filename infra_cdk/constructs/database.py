"""Aurora PostgreSQL Serverless v2 behind RDS Proxy, both with IAM: no function has a password."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

from collections.abc import Sequence

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.network import Network, log_retention

DATABASE = "reviewpoint"
OWNER = "reviewpoint_owner"


class Database(Construct):
    """The cluster, whose owner's password RDS makes and rotates, and the proxy that functions go through.

    Written in the resources' own words: the ids of what holds data must never move, and CDK's own cluster knows no
    password managed by RDS.
    """

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, network: Network, roles: Sequence[str]
    ) -> None:
        super().__init__(scope, id_)
        self.cluster = self._make_cluster(environment, network)
        self._keep_log("Log", f"/aws/rds/cluster/{environment.prefix}/postgresql", self.cluster, environment)
        self.instances = [
            self._make_instance(name, tier, environment)
            for tier, name in enumerate(("Writer", *(f"Reader{n + 1}" for n in range(environment.capacity.readers))))
        ]
        self.proxy = self._make_proxy(environment, network, roles)
        self._keep_log("ProxyLog", f"/aws/rds/proxy/{environment.prefix}", self.proxy, environment)
        self.owner_secret_arn = self.cluster.attr_master_user_secret_secret_arn

    def _make_cluster(self, environment: Environment, network: Network) -> rds.CfnDBCluster:
        subnets = rds.CfnDBSubnetGroup(
            self,
            "Subnets",
            db_subnet_group_description="Isolated subnets",
            subnet_ids=network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        parameters = rds.CfnDBClusterParameterGroup(
            self,
            "Parameters",
            family=f"aurora-postgresql{environment.postgres_version.split('.')[0]}",
            description="TLS only, and no row's values in the log",
            # Slow statements would be logged with their values, and broken constraints are by default: addresses and
            # hashes are among them. Performance Insights shows slow statements without.
            parameters={"rds.force_ssl": "1", "log_error_verbosity": "terse"},
        )
        cluster = rds.CfnDBCluster(
            self,
            "Cluster",
            db_cluster_identifier=environment.prefix,
            engine="aurora-postgresql",
            engine_version=environment.postgres_version,
            database_name=DATABASE,
            master_username=OWNER,
            manage_master_user_password=True,
            serverless_v2_scaling_configuration=rds.CfnDBCluster.ServerlessV2ScalingConfigurationProperty(
                min_capacity=environment.capacity.min_acu, max_capacity=environment.capacity.max_acu
            ),
            db_subnet_group_name=subnets.ref,
            db_cluster_parameter_group_name=parameters.ref,
            vpc_security_group_ids=[network.database.security_group_id],
            storage_encrypted=True,
            enable_iam_database_authentication=True,
            backup_retention_period=environment.backup_days,
            preferred_backup_window="02:00-03:00",
            preferred_maintenance_window="sun:03:30-sun:04:30",
            copy_tags_to_snapshot=True,
            deletion_protection=environment.protected,
            enable_cloudwatch_logs_exports=["postgresql"],
            database_insights_mode="standard",
        )
        # Even an environment that may go leaves its last state behind.
        cluster.apply_removal_policy(RemovalPolicy.RETAIN if environment.protected else RemovalPolicy.SNAPSHOT)
        if not environment.protected:
            accept(cluster, "An unprotected environment is torn down by one command.", "AwsSolutions-RDS10")
        accept(
            cluster,
            "The port is no secret: the security group lets in the proxy and the migrations function alone.",
            "AwsSolutions-RDS11",
        )
        return cluster

    def _keep_log(self, id_: str, name: str, writer: Construct, environment: Environment) -> None:
        """Make a log before RDS does, who would keep it for ever."""
        log = logs.LogGroup(
            self,
            id_,
            log_group_name=name,
            retention=log_retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        writer.node.add_dependency(log)

    def _make_instance(self, id_: str, tier: int, environment: Environment) -> rds.CfnDBInstance:
        instance = rds.CfnDBInstance(
            self,
            id_,
            db_cluster_identifier=self.cluster.ref,
            db_instance_class="db.serverless",
            engine="aurora-postgresql",
            # Readers of tier 0 and 1 grow with the writer, and so can take its place at any time.
            promotion_tier=min(tier, 1),
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            enable_performance_insights=True,
            performance_insights_retention_period=7,
            ca_certificate_identifier="rds-ca-rsa2048-g1",
        )
        # An instance holds nothing; the cluster does.
        instance.apply_removal_policy(RemovalPolicy.RETAIN if environment.protected else RemovalPolicy.DESTROY)
        return instance

    def _make_proxy(self, environment: Environment, network: Network, roles: Sequence[str]) -> rds.CfnDBProxy:
        role = iam.Role(
            self,
            "ProxyRole",
            assumed_by=iam.ServicePrincipal("rds.amazonaws.com"),
            inline_policies={
                "Connect": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["rds-db:connect"],
                            resources=[
                                self._user_arn(self.cluster.attr_db_cluster_resource_id, role) for role in roles
                            ],
                        )
                    ]
                )
            },
        )
        proxy = rds.CfnDBProxy(
            self,
            "Proxy",
            db_proxy_name=environment.prefix,
            engine_family="POSTGRESQL",
            # End to end: the proxy itself connects with IAM as the same user, so there is no secret per role.
            default_auth_scheme="IAM_AUTH",
            role_arn=role.role_arn,
            require_tls=True,
            idle_client_timeout=1800,
            vpc_subnet_ids=network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
            vpc_security_group_ids=[network.proxy.security_group_id],
        )
        rds.CfnDBProxyTargetGroup(
            self,
            "ProxyTargets",
            db_proxy_name=proxy.ref,
            target_group_name="default",
            db_cluster_identifiers=[self.cluster.ref],
            connection_pool_configuration_info=rds.CfnDBProxyTargetGroup.ConnectionPoolConfigurationInfoFormatProperty(
                max_connections_percent=90, max_idle_connections_percent=30, connection_borrow_timeout=3
            ),
        ).node.add_dependency(*self.instances)
        return proxy

    def user_arn(self, role: str) -> str:
        """What a function may connect to: this proxy, as that role."""
        return self._user_arn(Fn.select(6, Fn.split(":", self.proxy.attr_db_proxy_arn)), role)

    def _user_arn(self, resource_id: str, role: str) -> str:
        stack = Stack.of(self)
        return f"arn:{stack.partition}:rds-db:{stack.region}:{stack.account}:dbuser:{resource_id}/{role}"
