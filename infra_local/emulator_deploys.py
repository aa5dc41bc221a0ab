"""What a deploy of the stack needs of the emulator, and it lacks. Run by `emulator_program.py`.

- CloudFormation knows more types than the emulator, which refuses a whole stack for one of them: `WITHOUT_EFFECT`.
- A reference to a secret is its ARN, not its name.
- The condition of the bucket's policy by which nothing is ever overwritten.
- Who sends mail is the sender's domain, as which the stack knows it.
- Real CloudFormation does what depends on nothing at once. The emulator does one after another, so the schema comes as
  late as it may: whatever went live before it would show.
- CloudFront reaches API Gateway by the name that an API has in AWS, which here is the emulator itself.
"""

import importlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

WITHOUT_EFFECT: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGatewayV2::RouteResponse": {},
    "AWS::Budgets::Budget": {},
    # It knows no alarm over more than one metric.
    "AWS::CloudWatch::Alarm": {"Arn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:none"},
    "AWS::EC2::EIP": {"AllocationId": "eipalloc-none"},
    "AWS::EC2::FlowLog": {},
    "AWS::EC2::NatGateway": {},
    "AWS::EC2::SecurityGroupEgress": {},
    "AWS::EC2::SecurityGroupIngress": {},
    # Functions are given the PostgreSQL of this machine.
    "AWS::RDS::DBCluster": {
        "DBClusterResourceId": "none",
        "Endpoint.Address": "none",
        "MasterUserSecret.SecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:none",
    },
    "AWS::RDS::DBInstance": {},
    "AWS::RDS::DBProxy": {"Endpoint": "none", "DBProxyArn": "arn:aws:rds:us-east-1:000000000000:db-proxy:prx-none"},
    "AWS::RDS::DBProxyTargetGroup": {},
    # CDK's own function for it runs a program out of a layer, which would have to lie in `/opt`.
    "Custom::CDKBucketDeployment": {},
}
"""Types that a deploy takes for made, with the attributes that other resources ask them for."""

_HOST = os.environ["MINISTACK_HOST"]
_SECRETS = "AWS::SecretsManager::Secret"

_actions: Any = importlib.import_module("ministack.core.iam_actions")
_cloudfront: Any = importlib.import_module("ministack.services.cloudfront")
_engine: Any = importlib.import_module("ministack.services.cloudformation.engine")
_stacks: Any = importlib.import_module("ministack.services.cloudformation.stacks")
_types: Any = importlib.import_module("ministack.services.cloudformation.provisioners")._RESOURCE_HANDLERS
_conditions = _actions.s3_service_context
_sort = _engine._topological_sort
_mail_resource = _actions._ses_v2_resource_arn
_forward_to_origin = _cloudfront._forward_to_origin
_connect_target = _cloudfront._origin_connect_target


def _s3_conditions(
    action: str, query: dict[str, Any] | None, path: str = "", headers: dict[str, str] | None = None
) -> dict[str, Any]:
    given = (headers or {}).get("if-none-match")
    return {**_conditions(action, query, path, headers), **({"s3:if-none-match": given} if given else {})}


def _sender(method: str, path: str, body: bytes, region: str, account: str) -> str:
    if path != "/v2/email/outbound-emails":
        return _mail_resource(method, path, body, region, account)
    domain = json.loads(body)["FromEmailAddress"].rpartition("@")[2]
    return f"arn:aws:ses:{region}:{account}:identity/{domain}"


def _origin_with_its_name_here(origin: dict[str, Any], *arguments: object) -> object:
    api_id, separator, _ = origin["domain_name"].partition(".execute-api.")
    here = {"domain_name": f"{api_id}{separator}{_HOST}"} if separator else {}
    return _forward_to_origin({**origin, **here}, *arguments)


def _connect_to_api_here(origin: dict[str, Any], viewer_is_https: bool) -> tuple[str, int, bool]:
    if origin["domain_name"].endswith(f".execute-api.{_HOST}"):
        return _HOST, int(os.environ["GATEWAY_PORT"]), False
    return _connect_target(origin, viewer_is_https)


def _schema_late(resources: dict[str, dict[str, Any]], conditions: object) -> list[str]:
    order: list[str] = _sort(resources, conditions)
    late: set[str] = set()
    for name in order:
        needs = set(_engine._extract_deps(resources[name], set(order)))
        if resources[name]["Type"] == "Custom::Schema" or needs & late:
            late.add(name)
    return [name for name in order if name not in late] + [name for name in order if name in late]


def _take_for_made(kind: str) -> dict[str, Callable[..., object]]:
    def create(logical_id: str, _properties: object, stack_name: str) -> tuple[str, dict[str, str]]:
        return f"{stack_name}-{logical_id}", dict(WITHOUT_EFFECT[kind])

    return {"create": create, "delete": lambda *_: None}


def _secret_by_arn() -> dict[str, Callable[..., object] | bool]:
    known = _types[_SECRETS]

    def create(*arguments: object) -> tuple[str, dict[str, str]]:
        _, attributes = known["create"](*arguments)
        return attributes["Id"], attributes

    def update(arn: str, *arguments: object) -> tuple[str, dict[str, str]]:
        _, attributes = known["update"](_name(arn), *arguments)
        return attributes["Id"], attributes

    def delete(arn: str, *arguments: object) -> None:
        known["delete"](_name(arn), *arguments)

    return {**known, "create": create, "update": update, "delete": delete}


def _name(secret_arn: str) -> str:
    return secret_arn.split(":")[6].rpartition("-")[0]


_actions.s3_service_context = _s3_conditions
_actions._ses_v2_resource_arn = _sender
_stacks._topological_sort = _schema_late
_cloudfront._forward_to_origin = _origin_with_its_name_here
_cloudfront._origin_connect_target = _connect_to_api_here
_types.update({kind: _take_for_made(kind) for kind in WITHOUT_EFFECT})
_types[_SECRETS] = _secret_by_arn()
