"""Whether the invariants hold in what is deployed: each round of checks asks the APIs anew, and knows nothing of the templates."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import world
from world import api, resource, resources

#: What a run of `verify:live` deploys otherwise.
DIFFERENT = json.loads(os.environ.get("DEPLOYED_OTHERWISE", "{}"))
COMMON = {"protected": True, "peer": "203.0.113.7/32", "drain": "600"}
#: What the two versions of app.ts say.
VERSIONS: dict[int, dict[str, Any]] = {
    1: {**COMMON, "idle": "660", "keep alive": 670_000, "size": ("512", "1024"), "backups": 7, "debug": False, "image": ":1", **DIFFERENT},
    2: {**COMMON, "idle": "960", "keep alive": 970_000, "size": ("1024", "2048"), "backups": 14, "debug": True, "image": ":2"},
}
PORT = 8080
DATABASE_PORT = 6543
VARIABLES = {"ANTHROPIC_API_KEY": "ProviderKey", "API_TOKEN": "ApiToken"}
#: Where the data stack keeps the secrets of each server's schema, by the name of the schema.
SCHEMAS = {"fargate": "DatabaseSchemasFargate", "express": "DatabaseSchemasExpress"}
SECRETS = [*VARIABLES.values(), "DatabaseUrl", *(f"{key}Url" for key in SCHEMAS.values())]

Check = Callable[[dict[str, Any]], bool]
CHECKS: dict[str, Check] = {}


def check(says: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        CHECKS[says] = function
        return function

    return register


def of_module(module: str) -> dict[str, Check]:
    """The checks of one app; all, when none is named."""
    return {says: holds for says, holds in CHECKS.items() if module in ("", holds.__module__)}


def failures(version: int, module: str = "") -> dict[str, str]:
    """Checks that do not hold, and what ended those that could not even ask."""
    found = {}
    with world.one_round():
        for says, holds in of_module(module).items():
            try:
                if not holds(VERSIONS[version]):
                    found[says] = ""
            except Exception as error:
                found[says] = f"{type(error).__name__}: {error}"
    return found


# Database and secrets


@check("database: private, encrypted, with the protection from deletion and the backups of the version")
def _database(v: dict[str, Any]) -> bool:
    it = world.database()
    return (
        not it["PubliclyAccessible"]
        and it["StorageEncrypted"]
        and it["DeletionProtection"] == v["protected"]
        and it["BackupRetentionPeriod"] == v["backups"]
        and it["Endpoint"]["Port"] == DATABASE_PORT
    )


@check("database: in subnets without a route to the internet")
def _database_subnets(_: dict[str, Any]) -> bool:
    subnets = [subnet["SubnetIdentifier"] for subnet in world.database()["DBSubnetGroup"]["Subnets"]]
    tables = api("ec2").describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["RouteTables"]
    routes = [route for table in tables for route in table["Routes"]]
    return len(subnets) == 2 and len(tables) == 2 and not any(r.get("DestinationCidrBlock") == "0.0.0.0/0" for r in routes)


@check("DATABASE_URL: exactly the user, the generated password, the host, the port and the name of the database")
def _url(_: dict[str, Any]) -> bool:
    known, it = world.credentials(), world.database()
    host, port = it["Endpoint"]["Address"], it["Endpoint"]["Port"]
    roles = {"DatabaseUrl": (it["MasterUsername"], known["password"])}
    for name, key in SCHEMAS.items():
        own = json.loads(world.secret(f"{key}Credentials"))
        if own["username"] != name or own["password"] == known["password"]:
            return False
        roles[f"{key}Url"] = (name, own["password"])
    for key, (user, password) in roles.items():
        parsed = urllib.parse.urlsplit(world.secret(key))
        whole = f"postgres://{user}:{password}@{host}:{port}/{it['DBName']}?sslmode=verify-full"
        if world.secret(key) != whole or (parsed.hostname, parsed.port) != (host.lower(), port):
            return False
    return True


@check("password: generated, and the same before and after URL encoding")
def _password(_: dict[str, Any]) -> bool:
    known = world.credentials()
    return len(known["password"]) >= 30 and urllib.parse.quote(known["password"], safe="") == known["password"]


@check("credentials: the attachment wrote where the database is into the secret")
def _attachment(_: dict[str, Any]) -> bool:
    known, it = world.credentials(), world.database()
    here = (it["Endpoint"]["Address"], it["Endpoint"]["Port"], it["MasterUsername"], it["DBName"], "postgres")
    return (known["host"], known["port"], known["username"], known["dbname"], known["engine"]) == here


@check("API_TOKEN: 48 letters and digits, generated")
def _token(_: dict[str, Any]) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]{48}", world.secret("ApiToken")) is not None


@check("templates and user data: no value of a secret in any")
def _no_values(_: dict[str, Any]) -> bool:
    values = [world.credentials()["password"], *(world.secret(key) for key in SECRETS)]
    texts = [*world.templates().values(), world.user_data()]
    return not any(value in text for value in values for text in texts)


# Network


@check("network: nobody reaches anything but by these edges, and nothing in the default group")
def _ingress(v: dict[str, Any]) -> bool:
    def group(stack: str, key: str) -> str:
        return resource(stack, "AWS::EC2::SecurityGroup", key)

    fargate, express = group("FlueFargateStack", "AgentsSecurityGroup"), group("FlueExpressStack", "AgentsSecurityGroup")
    balancer, database = group("FlueFargateStack", "AgentsLoadBalancer"), group("FlueDataStack", "DatabaseSecurityGroup")
    box = group("FlueEc2Stack", "AgentsSecurityGroup")
    everyone = "0.0.0.0/0"
    at, at_database = f"tcp {PORT}-{PORT}", f"tcp {DATABASE_PORT}-{DATABASE_PORT}"
    return world.edges("in") == {
        (everyone, balancer, "tcp 80-80"),
        (balancer, fargate, at),
        (fargate, database, at_database),
        (express, database, at_database),
        (v["peer"], box, at),
    } and world.edges("out") == {
        (fargate, balancer, at),
        (everyone, fargate, "-1"),
        (everyone, express, "-1"),
        (everyone, box, "-1"),
        ("255.255.255.255/32", database, "icmp 252-86"),
    }


@check("network: its traffic is logged")
def _flow_log(_: dict[str, Any]) -> bool:
    vpc = resource("FlueDataStack", "AWS::EC2::VPC")
    (log,) = api("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    here = (resource("FlueDataStack", "AWS::EC2::VPC"), resource("FlueDataStack", "AWS::Logs::LogGroup"))
    return (log["ResourceId"], log["LogGroupName"]) == here and log["TrafficType"] == "ALL"


@check("logs: every group of a server keeps them for 30 days")
def _logs(_: dict[str, Any]) -> bool:
    known = {name: group.get("retentionInDays") for name, group in world.log_groups().items()}
    mine = [name for stack in world.STACKS[1:] for name in resources(stack, "AWS::Logs::LogGroup")]
    return len(mine) == 4 and all(known[name] == 30 for name in mine)


# Fargate


def _fargate_group() -> str:
    return str(world.service()["loadBalancers"][0]["targetGroupArn"])


@check("Fargate: the target group takes addresses")
def _target_type(_: dict[str, Any]) -> bool:
    return world.target_group(_fargate_group())["TargetType"] == "ip"


@check("Fargate: one port of container, load balancer and target group, in the container Main")
def _port(_: dict[str, Any]) -> bool:
    service = world.service()
    (entry,) = service["loadBalancers"]
    container = world.container("FlueFargateStack")
    ports = {entry["containerPort"], world.target_group(entry["targetGroupArn"])["Port"], *(p["containerPort"] for p in container["portMappings"])}
    environment = {e["name"]: e["value"] for e in container["environment"]}
    return ports == {PORT} and environment["PORT"] == str(PORT) and entry["containerName"] == container["name"] == "Main"


@check("Fargate: the health check asks /health of that port, and takes 2xx")
def _health(_: dict[str, Any]) -> bool:
    it = world.target_group(_fargate_group())
    times = (it["HealthCheckIntervalSeconds"], it["HealthCheckTimeoutSeconds"], it["HealthyThresholdCount"], it["UnhealthyThresholdCount"])
    where = (it["HealthCheckPath"], it["HealthCheckPort"], it["Matcher"]["HttpCode"])
    return where == ("/health", "traffic-port", "200-299") and times == (15, 5, 2, 3)


@check("Fargate: the grace period is 120 s")
def _grace(_: dict[str, Any]) -> bool:
    return bool(world.service()["healthCheckGracePeriodSeconds"] == 120)


@check("Fargate: one task is wanted, and no deployment starts another beside it; a failing one is rolled back")
def _deployment(_: dict[str, Any]) -> bool:
    service = world.service()
    how = service["deploymentConfiguration"]
    breaker = how["deploymentCircuitBreaker"]
    return (
        service["desiredCount"] == 1
        and (how["minimumHealthyPercent"], how["maximumPercent"]) == (0, 100)
        and breaker["enable"]
        and breaker["rollback"]
    )


@check("Fargate: the load balancer waits as long as the version says, and drops invalid headers")
def _idle(v: dict[str, Any]) -> bool:
    (balancer,) = world.target_group(_fargate_group())["LoadBalancerArns"]
    known = world.load_balancer_attributes(balancer)
    mine = balancer == resource("FlueFargateStack", "AWS::ElasticLoadBalancingV2::LoadBalancer")
    return mine and (known["idle_timeout.timeout_seconds"], known["routing.http.drop_invalid_header_fields.enabled"]) == (v["idle"], "true")


@check("Fargate: a target leaves within 15 s")
def _delay(_: dict[str, Any]) -> bool:
    return world.target_group_attributes(_fargate_group())["deregistration_delay.timeout_seconds"] == "15"


@check("Fargate: the listener forwards to the target group of the service")
def _listener(_: dict[str, Any]) -> bool:
    arn = resource("FlueFargateStack", "AWS::ElasticLoadBalancingV2::Listener")
    (listener,) = api("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"]
    (action,) = listener["DefaultActions"]
    return (listener["Port"], action["Type"], action["TargetGroupArn"]) == (80, "forward", _fargate_group())


# Task definitions of both


def _definitions() -> list[dict[str, Any]]:
    used = [world.service()["taskDefinition"], world.express()["activeConfigurations"][0]["taskDefinitionArn"]]
    return [world.task_definition(arn) for arn in used]


def _containers(definition: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The server, and what makes its schema before it starts."""
    server, maker = definition["containerDefinitions"]
    if server["dependsOn"] != [{"containerName": maker["name"], "condition": "SUCCESS"}] or maker["essential"]:
        raise AssertionError(f"{server['name']} does not wait for {maker['name']}")
    return server, maker


@check("tasks: the version's size, image, environment and keep-alive, which exceeds the idle timeout")
def _task(v: dict[str, Any]) -> bool:
    for definition in _definitions():
        container, maker = _containers(definition)
        environment = {e["name"]: e["value"] for e in container["environment"]}
        if (definition["cpu"], definition["memory"]) != v["size"] or definition["status"] != "ACTIVE":
            return False
        if not container["image"].endswith(v["image"]) or ("LOG_LEVEL" in environment) != v["debug"]:
            return False
        if maker["image"] != container["image"] or "pg_advisory_xact_lock" not in maker["command"][0]:
            return False
        if f"keepAliveTimeout={v['keep alive']}" not in environment["NODE_OPTIONS"] or v["keep alive"] <= int(v["idle"]) * 1000:
            return False
    return True


@check("tasks: an init process, 90 s to stop, logs to the group of the stack")
def _stop(_: dict[str, Any]) -> bool:
    for stack, definition in zip(world.STACKS[1:3], _definitions(), strict=True):
        container, _maker = _containers(definition)
        group = container["logConfiguration"]["options"]["awslogs-group"]
        if not container["linuxParameters"]["initProcessEnabled"] or container["stopTimeout"] != 90:
            return False
        if group != resource(stack, "AWS::Logs::LogGroup", "AgentsLogGroup"):
            return False
    return True


@check("tasks: each secret is a reference to the secret that is there, and none is in the environment")
def _references(_: dict[str, Any]) -> bool:
    def arn(key: str) -> str:
        return resource("FlueDataStack", "AWS::SecretsManager::Secret", key)

    values = {world.secret(key) for key in SECRETS}
    administrator = arn("DatabaseCredentials")
    for key, definition in zip(SCHEMAS.values(), _definitions(), strict=True):
        url = arn(f"{key}Url")
        wanted = [
            {"DATABASE_URL": url, **{name: arn(of) for name, of in VARIABLES.items()}},
            {"SCHEMA_URL": url, "ADMIN_USER": f"{administrator}:username::", "ADMIN_PASSWORD": f"{administrator}:password::"},
        ]
        for container, secrets in zip(_containers(definition), wanted, strict=True):
            if {s["name"]: s["valueFrom"] for s in container["secrets"]} != secrets:
                return False
            if any(e["name"] in secrets or any(value in e["value"] for value in values) for e in container["environment"]):
                return False
    return True


@check("roles: the execution role of a task, and the role of the box, read exactly the secrets of their server")
def _roles(_: dict[str, Any]) -> bool:
    for definition in _definitions():
        references = {s["valueFrom"] for container in _containers(definition) for s in container["secrets"]}
        # a role reads a secret as a whole, without its fields
        if world.readable_secrets(definition["executionRoleArn"].rsplit("/", 1)[1]) != {":".join(it.split(":")[:7]) for it in references}:
            return False
        if world.readable_secrets(definition["taskRoleArn"].rsplit("/", 1)[1]):
            return False
    wanted = {resource("FlueDataStack", "AWS::SecretsManager::Secret", key) for key in ("ProviderKey", "ApiToken")}
    return world.readable_secrets(resource("FlueEc2Stack", "AWS::IAM::Role")) == wanted


# Express


@check("Express: /health, one task at least and at most, the task definition, subnets and group of the stack")
def _express(_: dict[str, Any]) -> bool:
    (it,) = world.express()["activeConfigurations"]
    network = it["networkConfiguration"]
    return (
        it["healthCheckPath"] == "/health"
        and (it["scalingTarget"]["minTaskCount"], it["scalingTarget"]["maxTaskCount"]) == (1, 1)
        and it["taskDefinitionArn"] == resource("FlueExpressStack", "AWS::ECS::TaskDefinition")
        and network["securityGroups"] == resources("FlueExpressStack", "AWS::EC2::SecurityGroup")
        and set(network["subnets"]) == set(resources("FlueDataStack", "AWS::EC2::Subnet", "Vpcpublic"))
    )


@check("Express: its function raised the idle timeout and shortened the delay of every target group")
def _express_timers(v: dict[str, Any]) -> bool:
    balancer = world.express_load_balancer()
    groups = [group["TargetGroupArn"] for group in api("elbv2").describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]]
    delays = {world.target_group_attributes(group)["deregistration_delay.timeout_seconds"] for group in groups}
    return len(groups) == 2 and delays == {"15"} and world.load_balancer_attributes(balancer)["idle_timeout.timeout_seconds"] == v["idle"]


@check("Express: the infrastructure role is ECS's, with the policy that AWS maintains")
def _infrastructure(_: dict[str, Any]) -> bool:
    name = world.express()["infrastructureRoleArn"].rsplit("/", 1)[1]
    trusted = api("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    attached = [policy["PolicyName"] for policy in api("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    return trusted == {"Service": "ecs.amazonaws.com"} and attached == ["AmazonECSInfrastructureRoleforExpressGatewayServices"]


# The box


@check("box: a group of one, in one public subnet, with a hook before its end")
def _group(_: dict[str, Any]) -> bool:
    it = world.group()
    (hook,) = api("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=it["AutoScalingGroupName"])["LifecycleHooks"]
    return (
        (it["MinSize"], it["MaxSize"], it["DesiredCapacity"]) == (1, 1, 1)
        and it["VPCZoneIdentifier"] in resources("FlueDataStack", "AWS::EC2::Subnet", "Vpcpublic")
        and (hook["LifecycleTransition"], hook["DefaultResult"]) == ("autoscaling:EC2_INSTANCE_TERMINATING", "CONTINUE")
    )


@check("box: IMDSv2 only, an encrypted disk, no key for SSH, the group of the stack, its role")
def _template(_: dict[str, Any]) -> bool:
    it = world.launch_template()
    (disk,) = it["BlockDeviceMappings"]
    profile = api("iam").get_instance_profile(InstanceProfileName=it["IamInstanceProfile"]["Arn"].rsplit("/", 1)[1])["InstanceProfile"]
    return (
        (it["MetadataOptions"]["HttpTokens"], it["MetadataOptions"]["HttpPutResponseHopLimit"]) == ("required", 2)
        and disk["Ebs"]["Encrypted"]
        and "KeyName" not in it
        and it["NetworkInterfaces"][0]["Groups"] == resources("FlueEc2Stack", "AWS::EC2::SecurityGroup")
        and [role["RoleName"] for role in profile["Roles"]] == resources("FlueEc2Stack", "AWS::IAM::Role")
    )


@check("box: the group launches the version's user data, which names the address, the volume and the secrets that are there")
def _user_data(v: dict[str, Any]) -> bool:
    text = world.user_data()
    address = resource("FlueEc2Stack", "AWS::EC2::EIP")
    (allocation,) = api("ec2").describe_addresses(PublicIps=[address])["Addresses"]
    named = [f"ALLOCATION='{allocation['AllocationId']}'", f"VOLUME='{resource('FlueEc2Stack', 'AWS::EC2::Volume')}'"]
    named += [f"\"{resource('FlueDataStack', 'AWS::SecretsManager::Secret', key)}" for key in ("ProviderKey", "ApiToken")]
    return allocation["Domain"] == "vpc" and all(name in text for name in named) and ("LOG_LEVEL=" in text) == v["debug"]


@check("box: its scripts are where its user data says")
def _scripts(_: dict[str, Any]) -> bool:
    found = re.search(r"SCRIPTS='s3://([^/]+)/([^']+)'", world.user_data())
    return found is not None and api("s3").head_object(Bucket=found[1], Key=found[2])["ContentLength"] > 0


@check("box: an encrypted data volume in the zone of its subnet")
def _volume(_: dict[str, Any]) -> bool:
    (volume,) = api("ec2").describe_volumes(VolumeIds=resources("FlueEc2Stack", "AWS::EC2::Volume"))["Volumes"]
    (subnet,) = api("ec2").describe_subnets(SubnetIds=[world.group()["VPCZoneIdentifier"]])["Subnets"]
    return bool(volume["Encrypted"] and volume["Size"] == 8 and volume["AvailabilityZone"] == subnet["AvailabilityZone"])


# Alarms


@check("alarms: each tells the topic of its stack, of a metric whose dimensions name what is there")
def _alarms(_: dict[str, Any]) -> bool:
    counts = {"FlueFargateStack": 6, "FlueExpressStack": 3, "FlueEc2Stack": 5}
    service, express = world.service(), world.express()
    dimensions = {
        "LoadBalancer": {world.target_group(_fargate_group())["LoadBalancerArns"][0].split(":loadbalancer/")[1]},
        "TargetGroup": {_fargate_group().rsplit(":", 1)[1]},
        "ClusterName": {service["clusterArn"].rsplit("/", 1)[1], express["cluster"]},
        "ServiceName": {service["serviceName"], express["serviceName"]},
        "AutoScalingGroupName": {world.group()["AutoScalingGroupName"]},
        "Server": {"".join(re.findall(r"SERVER='([^']+)'", world.user_data()))},
    }
    for stack, count in counts.items():
        topic = resource(stack, "AWS::SNS::Topic")
        names = resources(stack, "AWS::CloudWatch::Alarm")
        alarms = api("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
        if len(alarms) != count:
            return False
        for alarm in alarms:
            if not (alarm["ActionsEnabled"] and alarm["AlarmActions"] == alarm["OKActions"] == [topic]):
                return False
            if not alarm["Dimensions"] or any(d["Value"] not in dimensions[d["Name"]] for d in alarm["Dimensions"]):
                return False
    return True


@check("alarms: the topics refuse what comes without TLS")
def _topics(_: dict[str, Any]) -> bool:
    policies = [
        json.loads(api("sns").get_topic_attributes(TopicArn=resource(stack, "AWS::SNS::Topic"))["Attributes"]["Policy"])
        for stack in world.STACKS[1:]
    ]
    return all(
        any(s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in policy["Statement"])
        for policy in policies
    )
