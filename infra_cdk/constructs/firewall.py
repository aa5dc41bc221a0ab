"""The web ACL before CloudFront: AWS's managed rules and a rate per address; blocks are told in the envelope."""

import json
from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.network import log_retention

_FORBIDDEN, _LIMITED = "Forbidden", "Limited"

# The rules of each group by name: only a rule that is named can answer in the envelope. One that AWS adds later
# blocks with WAF's own answer until it is named here.
_COMMON = (
    "NoUserAgent_HEADER",
    "UserAgent_BadBots_HEADER",
    "SizeRestrictions_QUERYSTRING",
    "SizeRestrictions_Cookie_HEADER",
    "SizeRestrictions_URIPATH",
    "EC2MetaDataSSRF_BODY",
    "EC2MetaDataSSRF_COOKIE",
    "EC2MetaDataSSRF_URIPATH",
    "EC2MetaDataSSRF_QUERYARGUMENTS",
    "GenericLFI_QUERYARGUMENTS",
    "GenericLFI_URIPATH",
    "GenericLFI_BODY",
    "RestrictedExtensions_URIPATH",
    "RestrictedExtensions_QUERYARGUMENTS",
    "GenericRFI_QUERYARGUMENTS",
    "GenericRFI_BODY",
    "GenericRFI_URIPATH",
    "CrossSiteScripting_COOKIE",
    "CrossSiteScripting_QUERYARGUMENTS",
    "CrossSiteScripting_BODY",
    "CrossSiteScripting_URIPATH",
)
_BAD_INPUTS = (
    "JavaDeserializationRCE_HEADER",
    "JavaDeserializationRCE_BODY",
    "JavaDeserializationRCE_URIPATH",
    "JavaDeserializationRCE_QUERYSTRING",
    "Host_localhost_HEADER",
    "PROPFIND_METHOD",
    "ExploitablePaths_URIPATH",
    "Log4JRCE_HEADER",
    "Log4JRCE_QUERYSTRING",
    "Log4JRCE_BODY",
    "Log4JRCE_URIPATH",
)
_REPUTATION = ("AWSManagedIPReputationList", "AWSManagedReconnaissanceList")


class Firewall(Construct):
    """A web ACL for CloudFront; it can only stand in us-east-1."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        acl = waf.CfnWebACL(
            self,
            "Acl",
            name=environment.prefix,
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("all"),
            custom_response_bodies={
                _FORBIDDEN: _body("FORBIDDEN", "This request was refused."),
                _LIMITED: _body("RATE_LIMITED", "Too many requests from your address. Try again in five minutes."),
            },
            rules=[
                _rate_rule(environment.throttle.per_address_in_5_minutes),
                _managed(1, "AWSManagedRulesAmazonIpReputationList", _REPUTATION),
                _managed(2, "AWSManagedRulesKnownBadInputsRuleSet", _BAD_INPUTS),
                # It blocks bodies over 8 KiB; up to 64 KiB are legal here.
                _managed(3, "AWSManagedRulesCommonRuleSet", _COMMON, counting=("SizeRestrictions_BODY",)),
            ],
        )
        self.arn = acl.attr_arn
        log = logs.LogGroup(
            self,
            "Log",
            # WAF writes only to groups whose name begins so.
            log_group_name=f"aws-waf-logs-{environment.prefix}",
            retention=log_retention(environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        waf.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=acl.attr_arn,
            log_destination_configs=[log.log_group_arn],
            redacted_fields=[
                waf.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": name})
                for name in ("authorization", "sec-websocket-protocol")
            ],
            logging_filter={
                "DefaultBehavior": "DROP",
                "Filters": [
                    {
                        "Behavior": "KEEP",
                        "Requirement": "MEETS_ANY",
                        "Conditions": [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT")],
                    }
                ],
            },
        )


def _body(code: str, message: str) -> waf.CfnWebACL.CustomResponseBodyProperty:
    # A constant: WAF knows neither the time nor an id of ours.
    error = {"code": code, "message": message, "details": None, "timestamp": None, "request_id": None}
    return waf.CfnWebACL.CustomResponseBodyProperty(
        content_type="APPLICATION_JSON", content=json.dumps({"error": error})
    )


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _block(status: int, body: str) -> waf.CfnWebACL.BlockActionProperty:
    headers = [waf.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value="300")] if body == _LIMITED else None
    return waf.CfnWebACL.BlockActionProperty(
        custom_response=waf.CfnWebACL.CustomResponseProperty(
            response_code=status, custom_response_body_key=body, response_headers=headers
        )
    )


def _rate_rule(limit: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name="rate",
        priority=0,
        action=waf.CfnWebACL.RuleActionProperty(block=_block(429, _LIMITED)),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("rate"),
    )


def _managed(
    priority: int, group: str, rules: Sequence[str], *, counting: Sequence[str] = ()
) -> waf.CfnWebACL.RuleProperty:
    block = waf.CfnWebACL.RuleActionProperty(block=_block(403, _FORBIDDEN))
    count = waf.CfnWebACL.RuleActionProperty(count={})
    overrides = [
        waf.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=action)
        for action, names in ((block, rules), (count, counting))
        for rule in names
    ]
    return waf.CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=group, rule_action_overrides=overrides
            )
        ),
        visibility_config=_visibility(group),
    )
