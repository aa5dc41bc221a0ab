"""Findings of cdk-nag that stand, each at its resource and with its reason."""

from typing import cast

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reason: str, *findings: str) -> None:
    """Let findings stand on a construct and what is below it."""
    for finding in findings:
        Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))


def named(scope: IConstruct, resource: str) -> str:
    """A resource as cdk-nag writes it in a finding: references by logical id."""
    resolved = Stack.of(scope).resolve(resource)
    return resolved if isinstance(resolved, str) else _joined(resolved)


def _joined(value: object) -> str:
    match value:
        case str():
            return value
        case {"Fn::GetAtt": [str(logical_id), str(attribute)]}:
            return f"<{logical_id}.{attribute}>"
        case {"Ref": str(logical_id)}:
            return f"<{logical_id}>"
        case dict() if "Fn::Join" in value:
            return "".join(map(_joined, cast("dict[str, tuple[str, list[object]]]", value)["Fn::Join"][1]))
        case _:
            raise TypeError(f"no name for {value}")
