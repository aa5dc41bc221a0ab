"""An optional Valkey: ElastiCache Serverless, over TLS only."""

from aws_cdk import Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.network import Network

_MAX_GB = 5


class Cache(Construct):
    """A cache that functions reach by `url`; what is lost with it was a copy."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, network: Network) -> None:
        super().__init__(scope, id_)
        group = network.add_cache_group()
        cache = elasticache.CfnServerlessCache(
            self,
            "Valkey",
            engine="valkey",
            serverless_cache_name=environment.prefix,
            subnet_ids=network.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
            security_group_ids=[group.security_group_id],
            cache_usage_limits=elasticache.CfnServerlessCache.CacheUsageLimitsProperty(
                data_storage=elasticache.CfnServerlessCache.DataStorageProperty(unit="GB", maximum=_MAX_GB)
            ),
        )
        port = Token.as_string(cache.get_att("Endpoint.Port"))
        self.url = f"rediss://{cache.attr_endpoint_address}:{port}"
