"""What matters of the synthesised stacks."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra_cdk.functions import FUNCTIONS
from tests.support import stacks
from tests.support.stacks import ABROAD, Stack

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

ENVIRONMENTS = [environment.name for environment in stacks.environments()]

STATEFUL = {
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::EC2::VPC",
    "AWS::SQS::Queue",
}
# A rename here means that CloudFormation makes a new one, empty. Change only on purpose.
STATEFUL_IDS = json.loads((stacks.ROOT / "tests" / "infra_cdk" / "stateful_ids.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_logical_ids_of_what_holds_data_never_move(environment: str) -> None:
    found = sorted(name for name, r in stacks.stack(environment).resources.items() if r["Type"] in STATEFUL)

    assert found == STATEFUL_IDS[environment]


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_data_of_protected_environments_outlives_the_stack(environment: str) -> None:
    stack = stacks.stack(environment)

    (cluster,) = stack.of_type("AWS::RDS::DBCluster").values()
    assert cluster["Properties"]["DeletionProtection"] is True
    kept = [cluster, *(bucket(stack, name) for name in ("uploads",))]
    assert {found["DeletionPolicy"] for found in kept} == {"Retain"}
    manifest = json.loads((stacks.assemblies() / environment / "manifest.json").read_text(encoding="utf-8"))
    properties = [a["properties"] for a in manifest["artifacts"].values() if a["type"] == "aws:cloudformation:stack"]
    assert all(found["terminationProtection"] for found in properties)


def bucket(stack: Stack, name: str) -> dict[str, Any]:
    (found,) = (
        b
        for b in stack.of_type("AWS::S3::Bucket").values()
        if f"-{name}-" in str(b["Properties"].get("BucketName", ""))
    )
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_function_goes_live_only_after_the_schema(environment: str) -> None:
    """Why a failed migration leaves the old version serving: every caller uses an alias, and each waits for it."""
    stack = stacks.stack(environment)
    (schema,) = stack.of_type("Custom::Schema")
    aliases = stack.of_type("AWS::Lambda::Alias")

    assert len(aliases) == len(FUNCTIONS)
    assert all(schema in alias["DependsOn"] for alias in aliases.values())
    resource = stack.resources[schema]
    assert resource["Properties"]["ServiceTimeout"] == "360"
    # New code of the function means a new version, and so an invocation; its own name must never change.
    version, attribute = resource["Properties"]["version"]["Fn::GetAtt"]
    assert (stack.resources[version]["Type"], attribute) == ("AWS::Lambda::Version", "Version")
    assert resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0].startswith("MigrationsFunction")
    # It needs the database, and the way there.
    for kind in ("AWS::RDS::DBInstance", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        assert set(stack.of_type(kind)) <= set(resource["DependsOn"])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_invokes_a_function_but_by_its_alias(environment: str) -> None:
    stack = stacks.stack(environment)
    functions = {name for name, f in stack.of_type("AWS::Lambda::Function").items() if "functions." in str(f)}

    for kind in ("AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"):
        for found in stack.of_type(kind).values():
            assert str(found["Properties"]["FunctionName"]) not in {str({"Ref": name}) for name in functions}


def test_a_change_of_code_alone_changes_those_functions_alone(tmp_path: Path) -> None:
    """Their code, versions and aliases; and new code of `migrations` runs it. The page, above all, stays."""
    before = stacks.stack("prod").resources
    after = stacks.with_new_code(tmp_path, "prod", "users", "migrations").resources

    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    found = Counter((before.get(name) or after[name])["Type"] for name in changed)
    # A version is replaced by the next, which has an id of its own.
    versions = {"AWS::Lambda::Function": 2, "AWS::Lambda::Version": 4, "AWS::Lambda::Alias": 2}
    assert found == {**versions, "Custom::Schema": 1}
    assert all(name.startswith(("UsersFunction", "UsersLive", "Migration")) for name in changed), changed


def test_uploads_are_private_kept_by_version_and_never_overwritten() -> None:
    stack = stacks.stack("prod")
    properties = bucket(stack, "uploads")["Properties"]

    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["CorsConfiguration"]["CorsRules"]
    assert (rule["AllowedMethods"], len(rule["AllowedOrigins"])) == (["PUT", "GET"], 1)
    denials = {
        statement["Sid"]: statement
        for policy in stack.of_type("AWS::S3::BucketPolicy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "Sid" in statement
    }
    assert denials["NeverOverwrite"]["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert denials["NeverOverwrite"]["Effect"] == "Deny"


OLD_TLS, NO_TLS = {"NumericLessThan": {"s3:TlsVersion": 1.2}}, {"Bool": {"aws:SecureTransport": "false"}}
BUCKETS, QUEUES, TOPICS = "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"


def named_in_policies(stack: Stack, kind: str, effect: str, condition: dict[str, Any]) -> set[str]:
    """What has a policy with such a statement for anybody, by logical id."""
    found: set[str] = set()
    for policy in stack.of_type(f"{kind}Policy").values():
        statements = policy["Properties"]["PolicyDocument"]["Statement"]
        if any((s["Effect"], s.get("Condition")) == (effect, condition) for s in statements):
            found |= {name for name in stack.of_type(kind) if f"'{name}'" in str(policy["Properties"])}
    return found


@pytest.mark.parametrize("kind", [BUCKETS, QUEUES, TOPICS])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_reached_over_plain_http(environment: str, kind: str) -> None:
    stack = stacks.stack(environment)

    assert named_in_policies(stack, kind, "Deny", NO_TLS) == set(stack.of_type(kind))


def test_buckets_that_browsers_reach_refuse_old_tls() -> None:
    stack = stacks.stack("prod")
    found = {name.rstrip("0123456789ABCDEF") for name in named_in_policies(stack, BUCKETS, "Deny", OLD_TLS)}

    assert found == {"StorageUploads", "StorageExports", "WebsitePage"}


def test_cloudfront_may_read_the_page() -> None:
    stack = stacks.stack("prod")
    (distribution,) = stack.of_type("AWS::CloudFront::Distribution")
    allowed = [
        (statement["Principal"], statement["Action"], str(statement["Condition"]))
        for policy in stack.of_type("AWS::S3::BucketPolicy").values()
        if "WebsitePage" in policy["Properties"]["Bucket"]["Ref"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and "Service" in statement["Principal"]
    ]

    ((principal, action, condition),) = allowed
    assert (principal, action) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert f"{{'Ref': '{distribution}'}}" in condition


def test_the_database_takes_tls_and_iam_only_from_the_proxy() -> None:
    stack = stacks.stack("prod")
    (cluster,) = stack.of_type("AWS::RDS::DBCluster").values()
    (proxy,) = stack.of_type("AWS::RDS::DBProxy").values()
    (parameters,) = stack.of_type("AWS::RDS::DBClusterParameterGroup").values()

    properties = cluster["Properties"]
    assert (properties["StorageEncrypted"], properties["EnableIAMDatabaseAuthentication"]) == (True, True)
    assert properties["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in properties
    # And no value of a slow or failed statement gets into a log.
    assert parameters["Properties"]["Parameters"] == {"rds.force_ssl": "1", "log_error_verbosity": "terse"}
    assert (proxy["Properties"]["DefaultAuthScheme"], proxy["Properties"]["RequireTLS"]) == ("IAM_AUTH", True)
    assert "Auth" not in proxy["Properties"]


def test_the_proxy_may_become_each_function_and_nobody_else() -> None:
    stack = stacks.stack("prod")
    (policy,) = (
        p["PolicyDocument"]["Statement"][0]
        for role in stack.of_type("AWS::IAM::Role").values()
        for p in role["Properties"].get("Policies", [])
    )
    users = {str(resource).rpartition("/")[2].rstrip("']}") for resource in policy["Resource"]}

    assert users == {spec.database_role for spec in FUNCTIONS if spec.uses_database and spec.name != "migrations"}


def test_cloudfront_sends_the_secret_and_the_viewers_address_to_the_api() -> None:
    (distribution,) = stacks.stack("prod").of_type("AWS::CloudFront::Distribution").values()
    config = distribution["Properties"]["DistributionConfig"]

    sent = {
        origin["Id"]: [header["HeaderName"] for header in origin.get("OriginCustomHeaders", [])]
        for origin in config["Origins"]
    }
    behaviors = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    to_api = [b for b in behaviors if sent[b["TargetOriginId"]] == ["X-Origin-Secret"]]
    assert {b.get("PathPattern", "*") for b in to_api} == {"*", "/api/*", "/docs*", "/ws"}
    assert {b["ViewerProtocolPolicy"] for b in behaviors} == {"redirect-to-https"}
    code = {
        name: f["Properties"]["FunctionCode"]
        for name, f in stacks.stack("prod").of_type("AWS::CloudFront::Function").items()
    }
    for behavior in to_api:
        function = behavior["FunctionAssociations"][0]["FunctionARN"]["Fn::GetAtt"][0]
        assert "x-viewer-address" in code[function]


def test_running_functions_know_the_next_secret_before_cloudfront_sends_it() -> None:
    stack = stacks.stack("prod")
    variables = stack.function("users")["Properties"]["Environment"]["Variables"]

    assert variables["ORIGIN_SECRET_ARN"] != variables["NEXT_ORIGIN_SECRET_ARN"]
    ids = [variables[name]["Ref"] for name in ("ORIGIN_SECRET_ARN", "NEXT_ORIGIN_SECRET_ARN")]
    assert [name.rstrip("0123456789ABCDEF")[:10] for name in ids] == ["KeysOrigin", "KeysOrigin"]
    (distribution,) = stack.of_type("AWS::CloudFront::Distribution").values()
    assert ids[0] in str(distribution["Properties"]["DistributionConfig"]["Origins"])
    assert ids[1] not in str(distribution)


@pytest.mark.parametrize("environment", ["staging", "prod", ABROAD])
def test_the_firewall_lets_long_bodies_through_and_blocks_in_the_envelope(environment: str) -> None:
    (acl,) = stacks.stack(environment, edge=True).of_type("AWS::WAFv2::WebACL").values()
    rules = {rule["Name"]: rule for rule in acl["Properties"]["Rules"]}
    overrides = rules["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]

    actions = {override["Name"]: override["ActionToUse"] for override in overrides}
    assert actions.pop("SizeRestrictions_BODY") == {"Count": {}}
    assert all("Block" in action for action in actions.values())
    for body in acl["Properties"]["CustomResponseBodies"].values():
        assert set(json.loads(body["Content"])["error"]) == {"code", "message", "details", "timestamp", "request_id"}
    assert rules["rate"]["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_log_is_kept_for_ever(environment: str) -> None:
    """Also those that RDS and CDK's function would make by themselves."""
    stack = stacks.stack(environment)
    logs = stack.of_type("AWS::Logs::LogGroup")
    names = {found["Properties"].get("LogGroupName") for found in logs.values()}

    assert all(found["Properties"]["RetentionInDays"] > 0 for found in logs.values())
    assert {
        f"/aws/rds/cluster/reviewpoint-{environment}/postgresql",
        f"/aws/rds/proxy/reviewpoint-{environment}",
    } <= names
    (cluster,) = stack.of_type("AWS::RDS::DBCluster").values()
    (proxy,) = stack.of_type("AWS::RDS::DBProxy").values()
    assert cluster["Properties"]["DBClusterIdentifier"] == proxy["Properties"]["DBProxyName"]
    for function in stack.of_type("AWS::Lambda::Function").values():
        assert function["Properties"].get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") in logs or (
            "CustomCDK" in str(function) or "CrossRegion" in str(function)
        )


def test_new_code_goes_back_when_its_function_fails_or_the_api_answers_5xx() -> None:
    """A function that answers 500 has not failed in Lambda's eyes."""
    stack = stacks.stack("prod")
    alarms = stack.of_type("AWS::CloudWatch::Alarm")
    (api,) = (name for name in alarms if "Api5xx" in name)
    for group in stack.of_type("AWS::CodeDeploy::DeploymentGroup").values():
        watched = {alarm["Name"]["Ref"] for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]}
        (own,) = watched - {api}
        assert api in watched
        assert alarms[own]["Properties"]["MetricName"] == "Errors"
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["Properties"]["AutoRollbackConfiguration"]["Events"]


def test_operations_tell_how_much_concurrency_is_reserved() -> None:
    reserved = sum(spec.reserved_concurrency or 0 for spec in FUNCTIONS)

    assert f"The stack reserves {reserved} " in (stacks.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_dev_is_cheap_and_prod_is_careful() -> None:
    dev, prod = stacks.stack("dev"), stacks.stack("prod")

    assert len(dev.of_type("AWS::EC2::NatGateway")) == 1
    assert len(prod.of_type("AWS::EC2::NatGateway")) == 3
    assert not dev.of_type("AWS::CodeDeploy::DeploymentGroup")
    assert len(prod.of_type("AWS::CodeDeploy::DeploymentGroup")) == len(FUNCTIONS)
    assert not (stacks.assemblies() / "dev" / "ReViewPoint-dev-edge.template.json").exists()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_function_runs_as_it_should(environment: str) -> None:
    stack = stacks.stack(environment)
    for spec in FUNCTIONS:
        properties = stack.function(spec.name)["Properties"]
        assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        in_vpc = spec.uses_database or (environment == ABROAD and "cache_server" in spec.settings)
        assert ("VpcConfig" in properties) == in_vpc
        log = stack.resources[properties["LoggingConfig"]["LogGroup"]["Ref"]]
        assert log["Properties"]["RetentionInDays"] > 0


def test_the_level_of_logs_is_lambdas_too() -> None:
    for environment, level in (("dev", "DEBUG"), ("prod", "INFO")):
        logging = stacks.stack(environment).function("users")["Properties"]["LoggingConfig"]
        assert logging["ApplicationLogLevel"] == level


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_found_by_the_checks_is_left(environment: str) -> None:
    """cdk-nag (AwsSolutions, Serverless) and CloudFormation's own validation run in every synthesis."""
    report = json.loads((stacks.assemblies() / environment / "validation-report.json").read_text(encoding="utf-8"))

    assert [violation for plugin in report["pluginReports"] for violation in plugin["violations"]] == []
