"""What CloudFront wants in us-east-1: its web ACL and its certificate."""

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from infra_cdk.config import EDGE_REGION, Environment
from infra_cdk.constructs.alarms import Alarms
from infra_cdk.constructs.firewall import Firewall


class EdgeStack(Stack):
    """Made only for an environment with a firewall or a domain."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, **stack_options: Any) -> None:
        super().__init__(scope, id_, **stack_options)
        self.web_acl_arn = Firewall(self, "Firewall", environment=environment).arn if environment.waf else None
        self.certificate: acm.ICertificate | None = None
        if environment.domain is not None:
            zone = route53.HostedZone.from_hosted_zone_attributes(
                self,
                "Zone",
                hosted_zone_id=environment.domain.hosted_zone_id,
                zone_name=environment.domain.hosted_zone_name,
            )
            self.certificate = acm.Certificate(
                self,
                "Certificate",
                domain_name=environment.domain.name,
                validation=acm.CertificateValidation.from_dns(zone),
            )
            if environment.protected and environment.region != EDGE_REGION:
                alarms = Alarms(self, "Alarms", environment=environment)
                alarms.watch_reach(environment.domain.name, self.certificate)
