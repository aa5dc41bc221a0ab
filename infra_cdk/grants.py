"""The statements of a function's role: from its permissions, and from what its variables point at."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra_cdk.config import GUARDDUTY
from infra_cdk.constructs.function import Grant
from infra_cdk.constructs.queues import WorkQueue
from infra_cdk.constructs.socket_api import SocketApi
from infra_cdk.constructs.storage import UPLOAD_PREFIX, Storage
from infra_cdk.functions import FunctionSpec
from infra_cdk.permissions import PERMISSIONS, SQS_CONSUMER

_WILDCARDS = {
    "upload_objects": "keys of uploads are made at run time, all below one prefix",
    "export_objects": "names of exports are made at run time",
    "any_scan": "AWS knows no resource for this action; only buckets with a plan of this account can be scanned",
    "socket_posts": "connections are made at run time",
    "socket_closes": "connections are made at run time",
}


@dataclass(frozen=True, slots=True)
class Resources:
    """What statements can name; `secrets` by the variable that holds a secret's ARN."""

    storage: Storage
    queues: Mapping[str, WorkQueue]
    sockets: SocketApi
    mail_identity: str
    secrets: Mapping[str, str]
    database_user: str | None

    def find(self, name: str) -> str:
        """The ARN that a permission calls by this name."""
        return {
            "upload_bucket": self.storage.uploads.bucket_arn,
            "upload_objects": self.storage.uploads.arn_for_objects(f"{UPLOAD_PREFIX}*"),
            "export_objects": self.storage.exports.arn_for_objects("*"),
            "any_scan": "*",
            "upload_queue": self.queues["uploads"].queue.queue_arn,
            "archive_queue": self.queues["archives"].queue.queue_arn,
            "outbox_queue": self.queues["outbox"].queue.queue_arn,
            "mail_identity": self.mail_identity,
            "socket_posts": self.sockets.connections_arn("POST"),
            "socket_closes": self.sockets.connections_arn("DELETE"),
        }[name]


def grants_of(spec: FunctionSpec, variables: Mapping[str, str], resources: Resources) -> list[Grant]:
    """All that a function's role holds besides what every function's does."""
    scans = variables.get("MALWARE_SCANNER") == GUARDDUTY
    grants = [_permission(name, resources) for name in spec.permissions if scans or not PERMISSIONS[name].needs_scanner]
    held = [arn for variable, arn in resources.secrets.items() if variable in variables]
    if held:
        grants.append(Grant("Secrets", ["secretsmanager:GetSecretValue"], held))
    if "DB_USER" in variables and resources.database_user is not None:
        grants.append(Grant("Database", ["rds-db:connect"], [resources.database_user]))
    if spec.queue is not None:
        grants.append(Grant("Messages", SQS_CONSUMER, [resources.queues[spec.queue].queue.queue_arn]))
    return grants


def _permission(name: str, resources: Resources) -> Grant:
    permission = PERMISSIONS[name]
    sid = "".join(part.capitalize() for part in name.replace(".", "_").split("_"))
    wildcard = _WILDCARDS.get(permission.resource)
    return Grant(sid, permission.actions, [resources.find(permission.resource)], wildcard)
