"""CloudFront: page and API under one host."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept
from infra_cdk.constructs.socket_api import STAGE as SOCKET_STAGE

SECRET_HEADER = "X-Origin-Secret"  # noqa: S105 -- its name
ADDRESS_HEADER = "x-viewer-address"
PAGE_PATTERNS = ("/", "/index.html", "/*.js", "/*.css", "/favicon.svg")
"""What of all paths is the page's; everything else is the API's, which answers 404 in the envelope."""

API_PATTERNS = ("/api/*", "/docs*")
"""Paths of the API that would otherwise match one of the page's."""

_FUNCTIONS = Path(__file__).parent / "edge_functions"


class Distribution(Construct):
    """The public address. It tells functions who calls, and proves that it is the one who says so."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        api_host: str,
        sockets_host: str,
        page: s3.Bucket,
        connect: Sequence[str],
        secret: secretsmanager.Secret,
        logs: s3.Bucket,
        certificate: acm.ICertificate | None = None,
        web_acl_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        viewer_address = self._function(
            "ViewerAddress", "viewer-address.js", cloudfront.FunctionEventType.VIEWER_REQUEST
        )
        api = self._api_behavior(api_host, secret, viewer_address)
        page_behavior = self._page_behavior(page, connect)
        behaviors: Mapping[str, cloudfront.BehaviorOptions] = {
            f"/{SOCKET_STAGE}": self._api_behavior(sockets_host, secret, viewer_address),
            **dict.fromkeys(API_PATTERNS, api),
            **dict.fromkeys(PAGE_PATTERNS, page_behavior),
        }
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=environment.prefix,
            default_behavior=api,
            additional_behaviors=dict(behaviors),
            domain_names=[environment.domain.name] if environment.domain else None,
            certificate=certificate,
            web_acl_id=web_acl_arn,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            enable_logging=True,
            log_bucket=logs,
            log_file_prefix="cloudfront/",
        )
        self._accept_findings(environment)
        self.host = environment.domain.name if environment.domain else self.distribution.domain_name
        self.url = f"https://{self.host}"

    def _api_behavior(
        self, host: str, secret: secretsmanager.Secret, viewer_address: cloudfront.FunctionAssociation
    ) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                host,
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                # Sent with a socket's handshake too. A reference that CloudFormation resolves: the template does not hold the value.
                custom_headers={SECRET_HEADER: secret.secret_value.unsafe_unwrap()},
                read_timeout=Duration.seconds(30),
            ),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # API Gateway answers a foreign Host with 403. This policy drops CloudFront's own headers too.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            function_associations=[viewer_address],
            compress=True,
        )

    def _page_behavior(self, page: s3.Bucket, connect: Sequence[str]) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(page),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._page_headers(connect),
            function_associations=[
                self._function("Index", "index.js", cloudfront.FunctionEventType.VIEWER_REQUEST),
                self._function("RequestId", "request-id.js", cloudfront.FunctionEventType.VIEWER_RESPONSE),
            ],
            compress=True,
        )

    def _function(
        self, id_: str, file: str, event_type: cloudfront.FunctionEventType
    ) -> cloudfront.FunctionAssociation:
        return cloudfront.FunctionAssociation(
            event_type=event_type,
            function=cloudfront.Function(
                self,
                id_,
                runtime=cloudfront.FunctionRuntime.JS_2_0,
                code=cloudfront.FunctionCode.from_file(file_path=str(_FUNCTIONS / file)),
            ),
        )

    def _page_headers(self, connect: Sequence[str]) -> cloudfront.ResponseHeadersPolicy:
        policy = f"default-src 'self'; connect-src 'self' {' '.join(connect)}"
        return cloudfront.ResponseHeadersPolicy(
            self,
            "PageHeaders",
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365), include_subdomains=True, override=True
                ),
                xss_protection=cloudfront.ResponseHeadersXSSProtection(protection=True, mode_block=True, override=True),
            ),
        )

    def _accept_findings(self, environment: Environment) -> None:
        accept(
            self.distribution,
            "The system serves the world; who may do what is decided by account, not by country.",
            "AwsSolutions-CFR1",
        )
        if environment.domain is None:
            accept(
                self.distribution,
                "Only with a domain of its own can a distribution choose its TLS version.",
                "AwsSolutions-CFR4",
            )
        if not environment.waf:
            accept(
                self.distribution,
                "An environment for developers: a firewall would cost more than its traffic.",
                "AwsSolutions-CFR2",
            )
