"""Faults of rotations, of what began with a snapshot, and of backups."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import world
from faults import fault, opened, security_group
from world import FOUNDATION, PRODUCTION, STATE, api, resource

from checks_state import INSTANCE, MACHINE, SECRET, described, functions, login, selections


@contextlib.contextmanager
def _rotation(name: str, **changed: Any) -> Iterator[None]:
    known = described(name)
    before = {"RotationLambdaARN": known["RotationLambdaARN"], "RotationRules": known["RotationRules"], "RotateImmediately": False}
    api("secretsmanager").rotate_secret(SecretId=name, **{**before, **changed})
    yield
    api("secretsmanager").rotate_secret(SecretId=name, **before)


@contextlib.contextmanager
def _function(stack: str, name: str, **changed: Any) -> Iterator[None]:
    known = functions(stack)[name]
    taken = {"VpcConfig": {key: known["VpcConfig"][key] for key in ("SubnetIds", "SecurityGroupIds")}, "Environment": known["Environment"]}
    api("lambda").update_function_configuration(FunctionName=known["FunctionArn"], **changed)
    yield
    api("lambda").update_function_configuration(FunctionName=known["FunctionArn"], **{name: taken[name] for name in changed})


@fault("a password that lives for years", "rotation: the password")
def _() -> Iterator[None]:
    with _rotation(login(STATE), RotationRules={"ScheduleExpression": "rate(700 days)"}):
        yield


@fault("an administrator whose password never changes", "rotation: the password")
def _() -> Iterator[None]:
    name = resource(FOUNDATION, SECRET, "DatabaseCredentials")
    known = described(name)
    api("secretsmanager").cancel_rotate_secret(SecretId=name)
    yield
    api("secretsmanager").rotate_secret(
        SecretId=name, RotationLambdaARN=known["RotationLambdaARN"], RotationRules=known["RotationRules"], RotateImmediately=False
    )


@fault("the key of the provider, rotated by who cannot issue one", "rotation: the password")
def _() -> Iterator[None]:
    name, other = resource(PRODUCTION, SECRET, "ProviderKey"), described(login(FOUNDATION))
    api("secretsmanager").rotate_secret(
        SecretId=name, RotationLambdaARN=other["RotationLambdaARN"], RotationRules=other["RotationRules"], RotateImmediately=False
    )
    yield
    api("secretsmanager").cancel_rotate_secret(SecretId=name)


@fault("a function that looks for Secrets Manager where there is no way to it", "rotation: the functions")
def _() -> Iterator[None]:
    known = functions(STATE)[login(STATE)]["Environment"]["Variables"]
    variables = {**known, "SECRETS_MANAGER_ENDPOINT": "https://secretsmanager.us-east-1.amazonaws.com"}
    with _function(STATE, login(STATE), Environment={"Variables": variables}):
        yield


@fault("a function in a public subnet, where it has no address", "rotation: the functions")
def _() -> Iterator[None]:
    subnets = world.resources(FOUNDATION, "AWS::EC2::Subnet", "NetworkVpcPublic")
    group = resource(FOUNDATION, "AWS::EC2::SecurityGroup", "DatabaseRotationSecurityGroup")
    with _function(FOUNDATION, login(FOUNDATION), VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]}):
        yield


@fault("functions that everyone reaches", "rotation: the functions")
def _() -> Iterator[None]:
    with opened(security_group(STATE, "DatabaseRotationSecurityGroup"), 443):
        yield


@fault("a secret whose login is the owner itself", "rotation: the secret of a server")
def _() -> Iterator[None]:
    name = login(STATE)
    before = api("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    for text in (json.dumps({**json.loads(before), "username": "agents"}), before):
        api("secretsmanager").put_secret_value(SecretId=name, SecretString=text)
        if text != before:
            yield


@fault("a schedule that sleeps", "rotation: every 15 minutes")
def _() -> Iterator[None]:
    (name,) = [it for it in world.resources(PRODUCTION, "AWS::Scheduler::Schedule") if _starts(it)]
    known = api("scheduler").get_schedule(Name=name)
    kept = {key: known[key] for key in ("Name", "FlexibleTimeWindow", "ScheduleExpression", "ScheduleExpressionTimezone", "Target", "State", "Description")}
    for state in ("DISABLED", "ENABLED"):
        api("scheduler").update_schedule(**{**kept, "State": state})
        if state == "DISABLED":
            yield


def _starts(name: str) -> bool:
    return bool(api("scheduler").get_schedule(Name=name)["Target"]["Arn"] == resource(PRODUCTION, MACHINE, "Agents"))


@fault("a state machine that may deploy every service", "rotation: every 15 minutes")
def _() -> Iterator[None]:
    role = api("stepfunctions").describe_state_machine(stateMachineArn=resource(STATE, MACHINE))["roleArn"].rsplit("/", 1)[1]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecs:updateService", "Resource": "*"}]}
    api("iam").put_role_policy(RoleName=role, PolicyName="planted", PolicyDocument=json.dumps(document))
    yield
    api("iam").delete_role_policy(RoleName=role, PolicyName="planted")


@fault("a restored database on the internet", "restored: the database")
def _() -> Iterator[None]:
    for public in (True, False):
        api("rds").modify_db_instance(DBInstanceIdentifier=resource(STATE, INSTANCE), ApplyImmediately=True, PubliclyAccessible=public)
        if public:
            yield


@fault("a plan that backs up every volume of the account", "backups: every day")
def _() -> Iterator[None]:
    where = {"BackupPlanId": resource(STATE, "AWS::Backup::BackupPlan")}
    (known, _other) = selections()
    everything = {**known, "SelectionName": "Everything", "Resources": ["arn:aws:ec2:*:*:volume/*"]}
    planted = api("backup").create_backup_selection(**where, BackupSelection=everything)["SelectionId"]
    yield
    api("backup").delete_backup_selection(**where, SelectionId=planted)


@fault("a role of backups that restores over what runs", "backups: every day")
def _() -> Iterator[None]:
    role = resource(STATE, "AWS::IAM::Role", "BackupsRole")
    policy = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"
    api("iam").attach_role_policy(RoleName=role, PolicyArn=policy)
    yield
    api("iam").detach_role_policy(RoleName=role, PolicyArn=policy)
