"""The stack of an environment: it composes constructs, and wires what needs sight of both ends."""

# CDK's protocols name their parameters otherwise than the classes that implement them.
# pyright: reportArgumentType=false

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_cdk import Aws, CfnOutput, Fn, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as route53_targets
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra_cdk.config import EDGE_REGION, Domain, Environment
from infra_cdk.constructs.alarms import Alarms
from infra_cdk.constructs.budget import Budget
from infra_cdk.constructs.cache import Cache
from infra_cdk.constructs.dashboard import Dashboard
from infra_cdk.constructs.database import DATABASE, Database
from infra_cdk.constructs.distribution import Distribution
from infra_cdk.constructs.function import GroupFunction, Place
from infra_cdk.constructs.http_api import HttpApi
from infra_cdk.constructs.invocations import announce_scans, announce_uploads, invoke_on_schedule, take_from_queue
from infra_cdk.constructs.keys import Keys
from infra_cdk.constructs.malware import MalwareProtection
from infra_cdk.constructs.migration import Migration
from infra_cdk.constructs.network import Network
from infra_cdk.constructs.queues import WorkQueue, make_failure_queue
from infra_cdk.constructs.rollout import Rollout
from infra_cdk.constructs.socket_api import SocketApi
from infra_cdk.constructs.storage import AccessLogs, BucketNames, Storage
from infra_cdk.constructs.website import Website
from infra_cdk.functions import FUNCTIONS, MIGRATIONS, FunctionSpec
from infra_cdk.grants import Resources, grants_of
from infra_cdk.variables import variables_of

_LOSSES = (
    ("sweeper", "ContentMissing", 1, "The object of a file that was available is gone; the log names it."),
    ("sweeper", "ScanLate", 2, "Uploads wait for their scan, at two runs of the sweeper in a row."),
    ("archives", "ArchiveFailed", 1, "An archive of a user's data could not be made; the log says why."),
)
"""Functions, what they count that should not be, and for how many quarters of an hour it may."""

CodeOf = Callable[[FunctionSpec], lambda_.Code]


class ReViewPointStack(Stack):
    """All of one environment but what CloudFront wants in us-east-1."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        code_of: CodeOf,
        certificate: acm.ICertificate | None = None,
        web_acl_arn: str | None = None,
        **stack_options: Any,
    ) -> None:
        super().__init__(scope, id_, **stack_options)
        self._environment = environment
        self._code_of = code_of
        self._certificate = certificate
        self.network = Network(self, "Network", environment=environment)
        roles = [spec.database_role for spec in FUNCTIONS if spec.uses_database and not spec.owns_database]
        self.database = Database(self, "Database", environment=environment, network=self.network, roles=roles)
        self.cache = Cache(self, "Cache", environment=environment, network=self.network) if environment.cache else None
        self.keys = Keys(self, "Keys", environment=environment)
        self.api = HttpApi(self, "HttpApi", environment=environment)
        self.sockets = SocketApi(self, "SocketApi", environment=environment)
        self._make_edge(certificate, web_acl_arn)
        self.queues = make_queues(self, environment)
        self.failures = make_failure_queue(self, "Failures", name=f"{environment.prefix}-undelivered")
        self.functions = {spec.name: self._make_function(spec) for spec in FUNCTIONS}
        self._wire()
        self._watch()
        ses.EmailIdentity(self, "Mail", identity=ses.Identity.domain(environment.mail_domain))
        self._tell()

    def _make_edge(self, certificate: acm.ICertificate | None, web_acl_arn: str | None) -> None:
        environment = self._environment
        logs = AccessLogs(self, "AccessLogs", environment=environment).bucket
        self.names = BucketNames.of(self, environment)
        website = Website(self, "Website", environment=environment, logs=logs)
        self.distribution = Distribution(
            self,
            "Edge",
            environment=environment,
            api_host=self.api.host,
            sockets_host=self.sockets.host,
            page=website.bucket,
            connect=self.names.origins,
            secret=self.keys.origin,
            logs=logs,
            certificate=certificate,
            web_acl_arn=web_acl_arn,
        )
        website.deploy(self.distribution.distribution)
        self.storage = Storage(
            self,
            "Storage",
            environment=environment,
            names=self.names,
            origins=[*environment.allowed_origins, self.distribution.url],
            logs=logs,
        )
        if environment.domain is not None:
            self._name(environment.domain)

    def _name(self, domain: Domain) -> None:
        zone = route53.HostedZone.from_hosted_zone_attributes(
            self, "Zone", hosted_zone_id=domain.hosted_zone_id, zone_name=domain.hosted_zone_name
        )
        target = route53.RecordTarget.from_alias(route53_targets.CloudFrontTarget(self.distribution.distribution))
        for kind in (route53.ARecord, route53.AaaaRecord):
            kind(self, kind.__name__, zone=zone, record_name=domain.name, target=target)

    def _values(self, spec: FunctionSpec) -> Mapping[str, str]:
        """All variables that the stack knows, for `spec`; it gets those that it reads."""
        environment = self._environment
        where = (
            {"DB_HOST": self.database.cluster.attr_endpoint_address, "DB_SECRET_ARN": self.database.owner_secret_arn}
            if spec.owns_database
            else {"DB_HOST": self.database.proxy.attr_endpoint, "DB_USER": spec.database_role}
        )
        return {
            **where,
            "DB_NAME": DATABASE,
            "SECRET_KEY_ARN": self.keys.signing.secret_arn,
            "ORIGIN_SECRET_ARN": self.keys.origin.secret_arn,
            "NEXT_ORIGIN_SECRET_ARN": self.keys.next_origin.secret_arn,
            "UPLOAD_BUCKET": self.names.uploads,
            "EXPORT_BUCKET": self.names.exports,
            "UPLOAD_QUEUE_URL": self.queues["uploads"].queue.queue_url,
            "ARCHIVE_QUEUE_URL": self.queues["archives"].queue.queue_url,
            "OUTBOX_QUEUE_URL": self.queues["outbox"].queue.queue_url,
            "PUBLIC_URL": self.distribution.url,
            "ALLOWED_ORIGINS": json.dumps(environment.allowed_origins),
            "MAIL_FROM": environment.mail_from,
            "SOCKET_ENDPOINT": self.sockets.endpoint,
            **({"REDIS_URL": self.cache.url} if self.cache else {}),
            **environment.settings,
        }

    def _resources(self, spec: FunctionSpec) -> Resources:
        return Resources(
            storage=self.storage,
            queues=self.queues,
            sockets=self.sockets,
            mail_identity=self.format_arn(
                service="ses", resource="identity", resource_name=self._environment.mail_domain
            ),
            secrets={
                "SECRET_KEY_ARN": self.keys.signing.secret_arn,
                "ORIGIN_SECRET_ARN": self.keys.origin.secret_arn,
                "NEXT_ORIGIN_SECRET_ARN": self.keys.next_origin.secret_arn,
                "DB_SECRET_ARN": self.database.owner_secret_arn,
            },
            database_user=self.database.user_arn(spec.database_role),
        )

    def _make_function(self, spec: FunctionSpec) -> GroupFunction:
        variables = variables_of(spec.settings, self._values(spec))
        group = self.network.owner if spec.owns_database else self.network.functions
        return GroupFunction(
            self,
            spec.construct_id,
            spec=spec,
            environment=self._environment,
            code=self._code_of(spec),
            variables=variables,
            grants=grants_of(spec, variables, self._resources(spec)),
            place=Place(self.network.vpc, group) if spec.uses_database or "REDIS_URL" in variables else None,
        )

    def _wire(self) -> None:
        functions = list(self.functions.values())
        self.api.add_routes(functions)
        for function in functions:
            if function.spec.sockets:
                self.sockets.serve(function)
            if function.spec.queue is not None:
                take_from_queue(function, self.queues[function.spec.queue])
            if function.spec.schedule_minutes is not None:
                invoke_on_schedule(function, minutes=function.spec.schedule_minutes, failures=self.failures)
        arrivals = {"bucket": self.storage.uploads, "queue": self.queues["uploads"], "failures": self.failures}
        announce_uploads(self, "Arrivals", **arrivals)
        if self._environment.scans_malware:
            announce_scans(self, "Scans", **arrivals)
            readers = [function.role for function in functions if function.spec.reads_unscanned]
            MalwareProtection(self, "MalwareProtection", bucket=self.storage.uploads, readers=readers)
        migration = Migration(
            self,
            "Migration",
            function=self.functions[MIGRATIONS],
            after=[self.network, *self.database.instances],
        )
        migration.gate(functions)

    def _watch(self) -> None:
        environment, functions = self._environment, list(self.functions.values())
        alarms = Alarms(self, "Alarms", environment=environment)
        failures = alarms.watch_api(self.api.api.ref)
        errors = alarms.watch_functions(functions)
        alarms.watch_queues(self.queues, self.failures)
        for function in functions:
            if function.spec.schedule_minutes is not None:
                alarms.watch_schedule(function, minutes=function.spec.schedule_minutes)
        for name, metric, periods, description in _LOSSES:
            alarms.watch_metric(self.functions[name], metric, description, periods=periods)
        if environment.protected and environment.region == EDGE_REGION:
            alarms.watch_reach(self.distribution.host, self._certificate)
        alarms.watch_database(self.database.cluster, self.database.proxy, max_acu=environment.capacity.max_acu)
        Dashboard(
            self,
            "Dashboard",
            environment=environment,
            api_id=self.api.api.ref,
            functions=functions,
            queues=self.queues,
            cluster=self.database.cluster,
            proxy=self.database.proxy,
        )
        Budget(self, "Budget", environment=environment)
        if environment.gradual:
            Rollout(self, "Rollout", environment=environment, functions=functions, errors=errors, failures=failures)

    def _tell(self) -> None:
        outputs = {
            "Url": self.distribution.url,
            "MigrationsFunction": self.functions[MIGRATIONS].function.function_name,
            "Cluster": self.database.cluster.ref,
            "SigningKeys": self.keys.signing.secret_name,
            "Region": Aws.REGION,
            "DeadLetters": Fn.join(" ", [queue.dead_letters.queue_url for queue in self.queues.values()]),
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)


def make_queues(scope: Construct, environment: Environment) -> dict[str, WorkQueue]:
    """A queue for each function that takes messages, by the name in `functions.py`."""
    return {
        spec.queue: WorkQueue(
            scope,
            f"{spec.queue.capitalize()}Queue",
            name=f"{environment.prefix}-{spec.queue}",
            timeout_seconds=spec.timeout_seconds,
        )
        for spec in FUNCTIONS
        if spec.queue is not None
    }
