"""What must hold of passwords that rotate, in `production` and in a stack without a way out, of what began with a snapshot, and of backups."""

from __future__ import annotations

import json
import re
from typing import Any

import world
from world import FOUNDATION, PRODUCTION, STATE, api, resource, resources

from checks import check

SECRET = "AWS::SecretsManager::Secret"
INSTANCE = "AWS::RDS::DBInstance"
MACHINE = "AWS::StepFunctions::StateMachine"
#: The database of each stack whose passwords rotate, the stack of its server, the days between two rotations, its first login, its port.
ROTATING = ((FOUNDATION, PRODUCTION, 30, "flue_owner_login", 6543), (STATE, STATE, 7, "agents_login", 5432))


def described(name: str) -> dict[str, Any]:
    return dict(api("secretsmanager").describe_secret(SecretId=name))


def functions(stack: str) -> dict[str, dict[str, Any]]:
    """The functions that rotate the secrets of a stack, by the secret."""
    arns = {name: described(name).get("RotationLambdaARN") for name in resources(stack, SECRET)}
    return {name: dict(api("lambda").get_function_configuration(FunctionName=arn)) for name, arn in arns.items() if arn}


def login(stack: str) -> str:
    """The secret of the server's login, which its task gets as DATABASE_URL."""
    (server,) = [server for data, server, *_ in ROTATING if data == stack]
    return world.secrets_of(world.task_definition(world.service(server)["taskDefinition"]))["DATABASE_URL"]


def plan() -> dict[str, Any]:
    return dict(api("backup").get_backup_plan(BackupPlanId=resource(STATE, "AWS::Backup::BackupPlan"))["BackupPlan"])


def selections() -> list[dict[str, Any]]:
    where = {"BackupPlanId": resource(STATE, "AWS::Backup::BackupPlan")}
    known = api("backup").list_backup_selections(**where)["BackupSelectionsList"]
    return [dict(api("backup").get_backup_selection(**where, SelectionId=it["SelectionId"])["BackupSelection"]) for it in known]


@check("rotation: the password of the administrator and that of the server rotate in the time of their stack, each by a function that is there")
def _rotates(_: dict[str, Any]) -> bool:
    for stack, _server, days, *_rest in ROTATING:
        wanted = {resource(stack, SECRET, "DatabaseCredentials"), login(stack)}
        rules = [described(name)["RotationRules"] for name in wanted]
        if functions(stack).keys() != wanted or any(rule != {"ScheduleExpression": f"rate({days} days)"} for rule in rules):
            return False
        if not all(described(name)["RotationEnabled"] for name in wanted):
            return False
    return not any("RotationLambdaARN" in described(name) for name in resources(PRODUCTION, SECRET))


@check("rotation: the functions are in private subnets, reach the database, and Secrets Manager by NAT or by an endpoint of their own; nothing reaches them")
def _reaches(_: dict[str, Any]) -> bool:
    for stack, _server, _days, _login, port in ROTATING:
        vpc, group = resource(stack, "AWS::EC2::VPC"), resource(stack, "AWS::EC2::SecurityGroup", "DatabaseRotationSecurityGroup")
        inward, outward = world.edges("in", vpc), world.edges("out", vpc)
        if (group, resource(stack, "AWS::EC2::SecurityGroup", "DatabaseSecurityGroup"), f"tcp {port}-{port}") not in inward:
            return False
        if any(to == group for _peer, to, _port in inward):
            return False
        endpoints = resources(stack, "AWS::EC2::VPCEndpoint", "DatabaseRotationEndpoint")
        ways = {(peer, at) for peer, of, at in outward if of == group}
        if stack == FOUNDATION:
            reached = not endpoints and (world.EVERYONE, "tcp 443-443") in ways
        else:
            of_endpoint = resource(stack, "AWS::EC2::SecurityGroup", "DatabaseRotationEndpointSecurityGroup")
            reached = (of_endpoint, "tcp 443-443") in ways and (group, of_endpoint, "tcp 443-443") in inward
        for function in functions(stack).values():
            host = function["Environment"]["Variables"]["SECRETS_MANAGER_ENDPOINT"]
            routes = [route.get("GatewayId", "") for route in world.routes(function["VpcConfig"]["SubnetIds"])]
            way = f"https://{endpoints[0]}.secretsmanager." if endpoints else "https://secretsmanager."
            named = host == f"{way}{world.REGION}.amazonaws.com"
            if not (reached and named and function["VpcConfig"]["SecurityGroupIds"] == [group]) or any(gateway.startswith("igw-") for gateway in routes):
                return False
    return True


@check("rotation: the secret of a server names the first of two logins, the database, and the secret of the administrator, which its function may read")
def _logins(_: dict[str, Any]) -> bool:
    for stack, _server, _days, first, port in ROTATING:
        (database,) = api("rds").describe_db_instances(DBInstanceIdentifier=resource(stack, INSTANCE))["DBInstances"]
        administrator = resource(stack, SECRET, "DatabaseCredentials")
        wanted = {
            "engine": "postgres", "host": database["Endpoint"]["Address"], "port": str(port), "dbname": "flue", "username": first, "masterarn": administrator,
        }  # fmt: skip
        told = json.loads(api("secretsmanager").get_secret_value(SecretId=login(stack))["SecretString"])
        role = functions(stack)[login(stack)]["Role"].rsplit("/", 1)[1]
        if {name: told[name] for name in wanted} != wanted or len(told["password"]) < 32 or administrator not in world.readable_secrets(role):
            return False
    return True


@check("rotation: every 15 minutes a state machine looks at the secrets of its service, and may deploy that service alone")
def _redeploys(_: dict[str, Any]) -> bool:
    for data, server, *_rest in ROTATING:
        machine = resource(server, MACHINE, "Agents")
        known = api("stepfunctions").describe_state_machine(stateMachineArn=machine)
        schedules = [api("scheduler").get_schedule(Name=name) for name in resources(server, "AWS::Scheduler::Schedule")]
        (schedule,) = [it for it in schedules if it["Target"]["Arn"] == machine]
        service = world.service(server)["serviceArn"]
        deploys = [
            target
            for statement in world.statements(known["roleArn"].rsplit("/", 1)[1])
            if "ecs:updateService" in statement["Action"]
            for target in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
        ]
        starts = [statement["Resource"] for statement in world.statements(schedule["Target"]["RoleArn"].rsplit("/", 1)[1])]
        text = known["definition"]
        if (schedule["ScheduleExpression"], schedule["State"], set(deploys)) != ("rate(15 minutes)", "ENABLED", {service}) or starts != [machine]:
            return False
        if known["type"] != "EXPRESS" or service not in text or login(data) not in text:
            return False
    return True


@check("restored: the database has the encryption and the user of its snapshot, and the volume is of its own")
def _restored(_: dict[str, Any]) -> bool:
    (database,) = api("rds").describe_db_instances(DBInstanceIdentifier=resource(STATE, INSTANCE))["DBInstances"]
    (volume,) = api("ec2").describe_volumes(VolumeIds=[resource(STATE, "AWS::EC2::Volume")])["Volumes"]
    (snapshot,) = api("ec2").describe_snapshots(SnapshotIds=[volume["SnapshotId"]], OwnerIds=["self"])["Snapshots"]
    return bool(
        database["StorageEncrypted"]
        and (database["MasterUsername"], database["DBName"]) == ("flue", "flue")
        and not database["PubliclyAccessible"]
        and volume["Encrypted"]
        and volume["SnapshotId"] == snapshot["SnapshotId"]
    )


@check("backups: every day one of the database and one of the volume, for two weeks, in the vault of the stack, by a role that AWS Backup alone assumes")
def _backups(_: dict[str, Any]) -> bool:
    (rule,) = plan()["Rules"]
    vault = resource(STATE, "AWS::Backup::BackupVault")
    here = f"{world.REGION}:{world.ACCOUNT}"
    wanted = {f"arn:aws:rds:{here}:db:{resource(STATE, INSTANCE)}", f"arn:aws:ec2:{here}:volume/{resource(STATE, 'AWS::EC2::Volume')}"}
    roles = {it["IamRoleArn"].rsplit("/", 1)[1] for it in selections()}
    (role,) = roles
    trusted = [it["Principal"] for it in api("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]]
    attached = [policy["PolicyName"] for policy in api("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    return bool(
        (rule["ScheduleExpression"], rule["Lifecycle"]["DeleteAfterDays"], rule["TargetBackupVaultName"]) == ("cron(0 5 * * ? *)", 14, vault)
        and re.fullmatch(r"[\w-]{2,50}", vault)
        and {arn for it in selections() for arn in it["Resources"]} == wanted
        and trusted == [{"Service": "backup.amazonaws.com"}]
        and attached == ["AWSBackupServiceRolePolicyForBackup"]
        and not api("iam").list_role_policies(RoleName=role)["PolicyNames"]
    )
