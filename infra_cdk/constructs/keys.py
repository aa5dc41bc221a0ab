"""Secrets that the system makes for itself."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra_cdk.config import Environment
from infra_cdk.constructs.findings import accept


class Keys(Construct):
    """The keys that sign tokens, and the secret that proves that a request came through CloudFront.

    Of the latter there are two, by number: CloudFront sends `origin`, functions take `next_origin` as well. A deploy
    with the number one higher moves CloudFront first, whose new secret the running functions know already.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.signing = secretsmanager.Secret(
            self,
            "Signing",
            description="Keys that sign tokens: current names the one that signs, all others verify",
            removal_policy=RemovalPolicy.RETAIN if environment.protected else RemovalPolicy.DESTROY,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template='{"current": "1"}',  # noqa: S106
                generate_string_key="1",
                password_length=64,
                exclude_punctuation=True,
            ),
        )
        accept(
            self.signing,
            "Rotated by the operator in steps, so that no token dies: docs/operations.md.",
            "AwsSolutions-SMG4",
        )
        self.origin = self._make_origin_secret(environment.origin_secret)
        self.next_origin = self._make_origin_secret(environment.origin_secret + 1)

    def _make_origin_secret(self, number: int) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            f"Origin{number}",
            description="Sent by CloudFront with each request to the API",
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
        )
        accept(secret, "Rotated by a deploy with the next number: docs/operations.md.", "AwsSolutions-SMG4")
        return secret
