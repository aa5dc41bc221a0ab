"""The CDK application of `make deploy-local`: the stack of dev, as the emulator on this machine can take it.

The context says what the machine has: `endpoint` is the emulator's address, `database` a PostgreSQL URL in which
`{role}` stands for the role to connect as.
"""

import dataclasses
import platform
import sys
from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from infra_cdk import bundling, environments
from infra_cdk.functions import FunctionSpec
from infra_cdk.stack import ReViewPointStack

_OWNER = "postgres"
_HERE = bundling.Target(f"{platform.machine()}-manylinux_2_28", f"{sys.version_info.major}.{sys.version_info.minor}")


class LocalStack(ReViewPointStack):
    """The whole stack; its functions know the database and the addresses of this machine."""

    def _values(self, spec: FunctionSpec) -> Mapping[str, str]:
        endpoint, database = (str(self.node.get_context(name)) for name in ("endpoint", "database"))
        return {
            **super()._values(spec),
            "REVIEWPOINT_DB_URL": database.replace("{role}", _OWNER if spec.owns_database else spec.database_role),
            "SOCKET_ENDPOINT": endpoint,
            "AWS_ENDPOINT_URL": endpoint,
        }


def _code_of(spec: FunctionSpec) -> lambda_.Code:
    return lambda_.Code.from_asset(str(bundling.bundle(spec.name, _HERE)))


def main() -> None:
    """Synthesise."""
    app = cdk.App()
    environment = dataclasses.replace(environments.by_name("dev"), name="local")
    LocalStack(
        app,
        "ReViewPoint-local",
        environment=environment,
        code_of=_code_of,
        env=cdk.Environment(region=environment.region),
    )
    app.synth()


if __name__ == "__main__":
    main()
