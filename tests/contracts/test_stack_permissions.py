"""What each function's role may do is what its code calls: no statement more, none less."""

import copy
import re
from typing import Any, cast

import pytest

from infra_cdk.functions import FUNCTIONS, by_name
from tests.support import stacks
from tests.support.stacks import ABROAD, Stack
from tools import reach

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

NAMES = [spec.name for spec in FUNCTIONS]

# What a call of ours asks of AWS. A function of `shared.aws` that is not here fails a test below.
CALLS: dict[str, set[str]] = {
    "storage.presign_put": {"s3:PutObject"},
    "storage.presign_get": {"s3:GetObject", "s3:GetObjectVersion"},
    "storage.head": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "storage.opened": {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"},
    "storage.delete": {"s3:DeleteObjectVersion", "s3:ListBucketVersions"},
    "storage.read_tag": {"s3:GetObjectVersionTagging"},
    "storage.list_keys": {"s3:ListBucketVersions"},
    "guardduty.request_scan": {"guardduty:SendObjectMalwareScan"},
    "storage.check": {"s3:ListBucket"},
    "storage.presign": set(),  # counted by its callers
    "export_storage.write": {"s3:PutObject exports", "s3:AbortMultipartUpload exports"},
    "export_storage.presign_get": {"s3:GetObject exports"},
    "mail.send": {"ses:SendEmail"},
    "sockets.post": {"execute-api:ManageConnections POST"},
    "sockets.post_to_all": {"execute-api:ManageConnections POST"},
    "sockets.close": {"execute-api:ManageConnections DELETE"},
    # Reads of secrets and connections to the database are counted by variables, below.
    "secrets.read": set(),
    "secrets.read_json": set(),
    "secrets.forget": set(),
    "rds_auth.token": set(),
    "presigning.presign": set(),
    "credentials.current": set(),
    "client.client": set(),
    "client.session": set(),
    "client.reaching": set(),
    # Which queue is counted by the setting that names it.
    "queues.send": set(),
}
EVERY = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
IN_VPC = {
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
}
POLLER = {
    f"{action} {{queue}}"
    for action in ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
}


def calls_in_reach(function: str) -> set[str]:
    return {
        f"{module.removeprefix('shared.aws.')}.{name}"
        for module, name in reach.units_of(function)
        if module.startswith("shared.aws.") and name and re.fullmatch(r"[a-z][a-z_]*", name)
    }


def scans(stack: Stack, function: str) -> bool:
    variables = stack.function(function)["Properties"].get("Environment", {}).get("Variables", {})
    return variables.get("MALWARE_SCANNER") == "guardduty"


def needed(stack: Stack, function: str) -> set[str]:
    """Actions that the code needs, with what they are on where that matters."""
    spec = by_name(function)
    actions = set(EVERY).union(*(CALLS[call] for call in calls_in_reach(function)))
    if not scans(stack, function):
        actions -= {"s3:GetObjectVersionTagging", "guardduty:SendObjectMalwareScan"}
    reached = {name for module, name in reach.units_of(function) if module == "shared.settings"}
    if "VpcConfig" in stack.function(function)["Properties"]:
        actions |= IN_VPC
    if "database" in reached:
        actions |= {"read DB_SECRET_ARN"} if spec.owns_database else {f"rds-db:connect {spec.database_role}"}
    if "queues.send" in calls_in_reach(function):
        actions |= {
            f"sqs:SendMessage {queue}" for queue in ("upload", "outbox", "archive") if f"{queue}_queue" in reached
        }
    if "auth" in reached:
        actions.add("read SECRET_KEY_ARN")
    if "origin_secrets" in reached:
        actions |= {"read ORIGIN_SECRET_ARN", "read NEXT_ORIGIN_SECRET_ARN"}
    if spec.queue is not None:
        actions |= {action.format(queue=spec.queue) for action in POLLER}
    return actions


def given(stack: Stack, function: str) -> set[str]:
    """Actions that the role allows, in the form of `needed`."""
    variables = stack.function(function)["Properties"].get("Environment", {}).get("Variables", {})
    actions: set[str] = set()
    for statement in stack.statements_of(function).values():
        for action in _listed(statement["Action"]):
            actions |= {_said(action, resource, variables) for resource in _listed(statement["Resource"])}
    return actions


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _said(action: str, resource: Any, variables: dict[str, Any]) -> str:
    text = str(resource)
    if action == "secretsmanager:GetSecretValue":
        held = [name for name, value in variables.items() if value == resource]
        return f"read {held[0] if held else text}"
    if action == "rds-db:connect":
        return f"{action} {text.rpartition('/')[2].rstrip(chr(39) + ']}')}"
    if action == "execute-api:ManageConnections":
        return f"{action} {'POST' if '/POST/' in text else 'DELETE'}"
    if action.startswith("s3:") and "Exports" in text:
        return f"{action} exports"
    if action.startswith("sqs:"):
        name = next(queue for queue in ("uploads", "archives", "outbox") if queue.capitalize() in text)
        return f"{action} {name.removesuffix('s') if action == 'sqs:SendMessage' else name}"
    return action


@pytest.mark.parametrize("function", NAMES)
def test_every_call_is_known(function: str) -> None:
    assert calls_in_reach(function) <= set(CALLS)


@pytest.mark.parametrize("environment", ["dev", "prod", ABROAD])
@pytest.mark.parametrize("function", NAMES)
def test_a_role_allows_what_its_code_calls(environment: str, function: str) -> None:
    stack = stacks.stack(environment)

    assert given(stack, function) == needed(stack, function)


@pytest.mark.parametrize("function", NAMES)
def test_killing_any_statement_is_noticed(function: str) -> None:
    for sid in stacks.stack("prod").statements_of(function):
        stack = Stack(copy.deepcopy(stacks.stack("prod").template))
        for policy in stack.of_type("AWS::IAM::Policy").values():
            document = policy["Properties"]["PolicyDocument"]
            mine = policy["Properties"]["Roles"] == [{"Ref": _role_of(stack, function)}]
            document["Statement"] = [s for s in document["Statement"] if not (mine and s["Sid"] == sid)]
        assert given(stack, function) != needed(stack, function), sid


def _role_of(stack: Stack, function: str) -> str:
    return stack.function(function)["Properties"]["Role"]["Fn::GetAtt"][0]


@pytest.mark.parametrize("function", NAMES)
def test_no_wildcard_but_those_with_a_reason(function: str) -> None:
    anything = {"Trace", "Network", "MalwareScan"}
    known = {"UploadsPut", "UploadsGet", "UploadsDelete", "UploadsTags", "ExportsPut", "ExportsGet"}
    known |= {"SocketsPost", "SocketsClose"}
    for sid, statement in stacks.stack("prod").statements_of(function).items():
        assert "*" not in str(statement["Action"])
        assert "*" not in str(statement["Resource"]) or sid in known | anything
        assert (statement["Resource"] == "*") == (sid in anything)


def test_a_role_belongs_to_one_function() -> None:
    roles = [_role_of(stacks.stack("prod"), function) for function in NAMES]

    assert len(set(roles)) == len(NAMES)
