"""What must hold of two of the stacks with what no deployed example has: blue/green with Aurora and endpoints; CloudFront, a NAT instance, OpenID Connect."""

from __future__ import annotations

import json
import re
from typing import Any

import world
from world import BLUE_GREEN, EDGES, EVERYONE, api, resource, resources

from checks import PORT, check

GROUP = "AWS::EC2::SecurityGroup"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
#: By the guide of CloudFront: nothing is cached; everything of the request is passed on, the host too.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
#: What a task without a way out needs to start, and the model that this one asks.
ENDPOINTS = {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "bedrock-runtime"}


def _seconds_kept(stack: str, key: str = "") -> int:
    kept = re.search(r"keepAliveTimeout=(\d+)", world.environment(world.container(stack, key))["NODE_OPTIONS"])
    return int(kept[1]) // 1000 if kept else 0


# Blue/green


def _targets() -> list[str]:
    (entry,) = world.service(BLUE_GREEN)["loadBalancers"]
    return [entry["targetGroupArn"], entry["advancedConfiguration"]["alternateTargetGroupArn"]]


@check("blue/green: both target groups take addresses, by one health check and with one delay")
def _alike(_: dict[str, Any]) -> bool:
    names = ("TargetType", "Port", "Protocol", "VpcId", "HealthCheckPath", "HealthCheckPort", "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds",
             "HealthyThresholdCount", "UnhealthyThresholdCount", "Matcher")  # fmt: skip
    blue, green = (
        {**{name: world.target_group(arn)[name] for name in names}, "delay": world.target_group_attributes(arn)["deregistration_delay.timeout_seconds"]}
        for arn in _targets()
    )
    return blue == green and (blue["TargetType"], blue["Port"], blue["HealthCheckPath"], blue["delay"]) == ("ip", PORT, "/health", "15")


@check("blue/green: all traffic of production goes to the first revision, by the last rule of its listener, which ECS knows")
def _production(_: dict[str, Any]) -> bool:
    return _forwards(443, "productionListenerRule")


@check("blue/green: the test listener has the same rule, HTTPS and the same policy")
def _test(_: dict[str, Any]) -> bool:
    known = world.listeners(resource(BLUE_GREEN, BALANCER))
    names = ("Protocol", "SslPolicy", "Certificates")
    return _forwards(8443, "testListenerRule") and known[8443]["Protocol"] == "HTTPS" and all(known[443][name] == known[8443][name] for name in names)


def _forwards(port: int, named: str) -> bool:
    (entry,) = world.service(BLUE_GREEN)["loadBalancers"]
    rules = world.rules(world.listeners(resource(BLUE_GREEN, BALANCER))[port]["ListenerArn"])
    (action,), (condition,) = rules["50000"]["Actions"], rules["50000"]["Conditions"]
    weights = {target["TargetGroupArn"]: target["Weight"] for target in action["ForwardConfig"]["TargetGroups"]}
    return (
        rules.keys() == {"50000", "default"}
        and rules["50000"]["RuleArn"] == entry["advancedConfiguration"][named]
        and condition["PathPatternConfig"]["Values"] == ["*"]
        and weights == dict(zip(_targets(), (100, 0), strict=True))
    )


@check("blue/green: the service bakes for ten minutes, asks its hook, and goes back by circuit breaker and alarms that are there")
def _strategy(_: dict[str, Any]) -> bool:
    how = world.service(BLUE_GREEN)["deploymentConfiguration"]
    (hook,) = how["lifecycleHooks"]
    function = api("lambda").get_function_configuration(FunctionName=resource(BLUE_GREEN, "AWS::Lambda::Function", "Judge"))["FunctionArn"]
    alarms = {alarm["AlarmName"] for alarm in api("cloudwatch").describe_alarms(AlarmNames=how["alarms"]["alarmNames"])["MetricAlarms"]}
    return (
        (how["strategy"], how["bakeTimeInMinutes"]) == ("BLUE_GREEN", 10)
        and (hook["hookTargetArn"], hook["lifecycleStages"]) == (function, ["POST_TEST_TRAFFIC_SHIFT"])
        and how["deploymentCircuitBreaker"]["rollback"]
        and how["alarms"]["enable"]
        and how["alarms"]["rollback"]
        and alarms == set(how["alarms"]["alarmNames"])
        and len(alarms) == 3
    )


@check("blue/green: the role that moves traffic is ECS's, with the policy that AWS maintains; that of the hook may call it")
def _roles(_: dict[str, Any]) -> bool:
    service = world.service(BLUE_GREEN)
    name = service["loadBalancers"][0]["advancedConfiguration"]["roleArn"].rsplit("/", 1)[1]
    (hook,) = service["deploymentConfiguration"]["lifecycleHooks"]
    trusted = [
        api("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        for role in (name, hook["roleArn"].rsplit("/", 1)[1])
    ]
    attached = [policy["PolicyName"] for policy in api("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    called = [target for statement in world.statements(hook["roleArn"].rsplit("/", 1)[1]) for target in statement["Resource"]]
    return (
        trusted == [{"Service": "ecs.amazonaws.com"}] * 2
        and attached == ["AmazonECSInfrastructureRolePolicyForLoadBalancers"]
        and hook["hookTargetArn"] in called
    )


@check("blue/green: one task to three, by the use of the processor")
def _scaling(_: dict[str, Any]) -> bool:
    name = resource(BLUE_GREEN, "AWS::ECS::Service").split(":service/")[1]
    where = {"ServiceNamespace": "ecs"}
    (target,) = api("application-autoscaling").describe_scalable_targets(**where, ResourceIds=[f"service/{name}"])["ScalableTargets"]
    (policy,) = api("application-autoscaling").describe_scaling_policies(**where, ResourceId=f"service/{name}")["ScalingPolicies"]
    aim = policy["TargetTrackingScalingPolicyConfiguration"]
    return (target["MinCapacity"], target["MaxCapacity"], aim["TargetValue"]) == (1, 3, 60) and target["ScalableDimension"] == "ecs:service:DesiredCount"


@check("endpoints: what a task needs has one, in its subnets and by its usual name; S3 has a route; there is no other way out, and no public address")
def _endpoints(_: dict[str, Any]) -> bool:
    service = world.service(BLUE_GREEN)
    subnets, vpc = world.subnets_of(service), resource(BLUE_GREEN, "AWS::EC2::VPC")
    known = [it for it in api("ec2").describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["VpcEndpoints"] if it["State"] == "available"]
    interfaces = {it["ServiceName"].removeprefix("com.amazonaws.us-east-1."): it for it in known if it["VpcEndpointType"] == "Interface"}
    gateways = {it["VpcEndpointId"] for it in known if it["VpcEndpointType"] == "Gateway" and it["ServiceName"].endswith(".s3")}
    ways = world.routes(subnets)
    return (
        service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
        and interfaces.keys() == ENDPOINTS
        and all(it["PrivateDnsEnabled"] and set(it["SubnetIds"]) == set(subnets) for it in interfaces.values())
        and [way.get("GatewayId") for way in ways] == [*gateways] * 2
    )


@check("blue/green: who reaches whom: everyone HTTPS, the tester the next revision, the tasks the database, and the network its endpoints")
def _edges(_: dict[str, Any]) -> bool:
    balancer, tasks = resource(BLUE_GREEN, GROUP, "AgentsLoadBalancer"), resource(BLUE_GREEN, GROUP, "AgentsSecurityGroup")
    database = resource(BLUE_GREEN, GROUP, "DatabaseSecurityGroup")
    inside = {("10.0.0.0/16", group, "tcp 443-443") for group in resources(BLUE_GREEN, GROUP, "NetworkVpc")}
    return len(inside) == 5 and world.edges("in", resource(BLUE_GREEN, "AWS::EC2::VPC")) == inside | {
        (EVERYONE, balancer, "tcp 443-443"),
        (EVERYONE, balancer, "tcp 80-80"),
        ("203.0.113.7/32", balancer, "tcp 8443-8443"),
        (balancer, tasks, f"tcp {PORT}-{PORT}"),
        (tasks, database, "tcp 5432-5432"),
    }


def _cluster() -> dict[str, Any]:
    name = resource(BLUE_GREEN, "AWS::RDS::DBCluster")
    return dict(api("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0])


@check("Aurora: a writer and a reader of one to eight units, private, protected, encrypted with the key of the stack, in subnets without a way out")
def _aurora(_: dict[str, Any]) -> bool:
    it = _cluster()
    members = [
        api("rds").describe_db_instances(DBInstanceIdentifier=member["DBInstanceIdentifier"])["DBInstances"][0] for member in it["DBClusterMembers"]
    ]
    (group,) = api("rds").describe_db_subnet_groups(DBSubnetGroupName=it["DBSubnetGroup"])["DBSubnetGroups"]
    ways = world.routes([subnet["SubnetIdentifier"] for subnet in group["Subnets"]])
    capacity = it["ServerlessV2ScalingConfiguration"]
    return (
        [member["IsClusterWriter"] for member in it["DBClusterMembers"]] == [True, False]
        and all(member["DBInstanceClass"] == "db.serverless" and not member["PubliclyAccessible"] for member in members)
        and (capacity["MinCapacity"], capacity["MaxCapacity"]) == (1, 8)
        and it["StorageEncrypted"]
        and it["KmsKeyId"].endswith(f"/{resource(BLUE_GREEN, 'AWS::KMS::Key')}")
        and it["DeletionProtection"]
        and not any(way.get("DestinationCidrBlock") == EVERYONE for way in ways)
    )


@check("Aurora: DATABASE_URL has the user, the generated password, the writer's endpoint and the name; the task reads it, under the same key")
def _url(_: dict[str, Any]) -> bool:
    it = _cluster()
    secrets = {key: resource(BLUE_GREEN, "AWS::SecretsManager::Secret", key) for key in ("DatabaseCredentials", "DatabaseUrl")}
    value = {key: api("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] for key, arn in secrets.items()}
    known = json.loads(value["DatabaseCredentials"])
    whole = f"postgres://{it['MasterUsername']}:{known['password']}@{it['Endpoint']}:{it['Port']}/{it['DatabaseName']}?sslmode=verify-full"
    key = api("kms").describe_key(KeyId=resource(BLUE_GREEN, "AWS::KMS::Key"))["KeyMetadata"]["Arn"]
    definition = world.task_definition(world.service(BLUE_GREEN)["taskDefinition"])
    role = definition["executionRoleArn"].rsplit("/", 1)[1]
    decrypts = [statement["Resource"] for statement in world.statements(role) if "kms:Decrypt" in statement["Action"]]
    return (
        value["DatabaseUrl"] == whole
        and known["host"] == it["Endpoint"]
        and {s["name"]: s["valueFrom"] for s in world.container(BLUE_GREEN)["secrets"]} == {"DATABASE_URL": secrets["DatabaseUrl"]}
        and world.readable_secrets(role) == {secrets["DatabaseUrl"]}
        and decrypts == [key]
    )


@check("blue/green: the bucket of access logs is private and encrypted by S3, and lets the load balancers of the region write and nobody read")
def _bucket(_: dict[str, Any]) -> bool:
    bucket = resource(BLUE_GREEN, "AWS::S3::Bucket")
    known = world.load_balancer_attributes(resource(BLUE_GREEN, BALANCER))
    statements = json.loads(api("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
    actions = {action for s in allowed for action in (s["Action"] if isinstance(s["Action"], list) else [s["Action"]])}
    (rule,) = api("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    public = api("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    return (
        (known["access_logs.s3.enabled"], known["access_logs.s3.bucket"]) == ("true", bucket)
        and actions <= {"s3:PutObject", "s3:GetBucketAcl"}
        and any("s3:PutObject" in s["Action"] and s["Principal"].get("AWS") == "arn:aws:iam::127311923021:root" for s in allowed)
        and rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        and all(public.values())
    )


# CloudFront


def _distribution() -> dict[str, Any]:
    return dict(api("cloudfront").get_distribution(Id=resource(EDGES, "AWS::CloudFront::Distribution"))["Distribution"])


def _origin() -> dict[str, Any]:
    (origin,) = _distribution()["DistributionConfig"]["Origins"]["Items"]
    return dict(origin)


def _hidden() -> str:
    return resource(EDGES, BALANCER, "World")


@check("CloudFront: caches nothing, holds nothing back, passes everything on and refuses plain HTTP")
def _behaviour(_: dict[str, Any]) -> bool:
    config = _distribution()["DistributionConfig"]
    it = config["DefaultCacheBehavior"]
    policies = (it["CachePolicyId"], it["OriginRequestPolicyId"], it["ViewerProtocolPolicy"], it["Compress"])
    return (
        policies == (CACHING_DISABLED, ALL_VIEWER, "https-only", False)
        and len(it["AllowedMethods"]["Items"]) == 7
        and it["TargetOriginId"] == _origin()["Id"]
        and config.get("CacheBehaviors", {}).get("Quantity", 0) == 0
    )


@check("CloudFront: waits 120 s for the next byte, the load balancer longer, and the server longest")
def _read_timeout(_: dict[str, Any]) -> bool:
    wait = _origin()["VpcOriginConfig"]["OriginReadTimeout"]
    idle = int(world.load_balancer_attributes(_hidden())["idle_timeout.timeout_seconds"])
    return wait == 120 and wait - 5 < idle < _seconds_kept(EDGES, "World")


@check("CloudFront: its VPC origin is the load balancer, which has no public address, at the port of its listener")
def _vpc_origin(_: dict[str, Any]) -> bool:
    name = _origin()["VpcOriginConfig"]["VpcOriginId"]
    endpoint = api("cloudfront").get_vpc_origin(Id=name)["VpcOrigin"]["VpcOriginEndpointConfig"]
    balancer = world.load_balancer(_hidden())
    listeners = world.listeners(_hidden())
    target = world.service(EDGES, "World")["loadBalancers"][0]["targetGroupArn"]
    return (
        endpoint["Arn"] == _hidden()
        and balancer["Scheme"] == "internal"
        and _origin()["DomainName"] == balancer["DNSName"]
        and (endpoint["HTTPPort"], endpoint["OriginProtocolPolicy"]) == (80, "http-only")
        and listeners.keys() == {80}
        and listeners[80]["DefaultActions"][0]["TargetGroupArn"] == target
    )


@check("CloudFront: its servers alone reach that load balancer, by the prefix list that the function found; the shared one has its own way")
def _admitted(_: dict[str, Any]) -> bool:
    named = [{"Name": "prefix-list-name", "Values": ["com.amazonaws.global.cloudfront.origin-facing"]}]
    (known,) = api("ec2").describe_managed_prefix_lists(Filters=named)["PrefixLists"]
    hidden, world_, team = (resource(EDGES, GROUP, key) for key in ("WorldLoadBalancer", "WorldSecurityGroup", "TeamSecurityGroup"))
    shared, nat = resource(EDGES, GROUP, "Shared"), resource(EDGES, GROUP, "NetworkVpcNat")
    return world.edges("in", resource(EDGES, "AWS::EC2::VPC")) == {
        (known["PrefixListId"], hidden, "tcp 80-80"),
        (hidden, world_, f"tcp {PORT}-{PORT}"),
        (EVERYONE, shared, "tcp 443-443"),
        (shared, team, f"tcp {PORT}-{PORT}"),
        # the instance that stands for a gateway takes what comes from the network; it has a public address
        (EVERYONE, nat, "-1"),
    }


@check("CloudFront: the name leads to it; its certificate, of us-east-1, is proven; a web ACL of its scope filters")
def _named(_: dict[str, Any]) -> bool:
    it = _distribution()
    config = it["DistributionConfig"]
    certificate = config["ViewerCertificate"]["ACMCertificateArn"]
    filters = [acl["ARN"] for acl in api("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]]
    return (
        world.alias(EDGES) == [it["DomainName"]]
        and config["Aliases"]["Items"] == ["world.example.com"]
        and certificate.split(":")[3] == "us-east-1"
        and world.proven(certificate)
        and config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
        and filters == [config["WebACLId"]]
    )


@check("deferred clean-up: the deployment succeeds when the new task is healthy; the old one stays meanwhile and has 50 minutes to end its streams")
def _deferred(_: dict[str, Any]) -> bool:
    service = world.service(EDGES, "World")
    how = service["deploymentConfiguration"]
    early = how["earlySuccessCriteria"]
    delay = world.target_group_attributes(service["loadBalancers"][0]["targetGroupArn"])["deregistration_delay.timeout_seconds"]
    return (
        (early["enable"], early["healthyPercent"], early["sourceServiceRevisionCleanup"]) == (True, 100, "DEFERRED")
        and (how["minimumHealthyPercent"], how["maximumPercent"], delay) == (100, 200, "3000")
    )


@check("NAT instance: it forwards what is not for it, from the subnets of the tasks, which have no public address")
def _nat(_: dict[str, Any]) -> bool:
    name = resource(EDGES, "AWS::EC2::Instance")
    forwards = not api("ec2").describe_instance_attribute(InstanceId=name, Attribute="sourceDestCheck")["SourceDestCheck"]["Value"]
    services = [world.service(EDGES, key) for key in ("World", "Team")]
    (subnets,) = {tuple(world.subnets_of(service)) for service in services}
    ways = [way.get("InstanceId") for way in world.routes(list(subnets)) if way.get("DestinationCidrBlock") == EVERYONE]
    public = {service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] for service in services}
    return forwards and ways == [name] * 2 and public == {"DISABLED"}


# A listener that is shared, and a sign-in with OpenID Connect


@check("shared listener: who asks for the host signs in with the provider, by the secret of the client, and only then reaches the server")
def _oidc(_: dict[str, Any]) -> bool:
    rules = world.rules(world.listeners(resource(EDGES, BALANCER, "Shared"))[443]["ListenerArn"])
    ask, go_on = sorted(rules["10"]["Actions"], key=lambda action: action["Order"])
    (condition,) = rules["10"]["Conditions"]
    asked = ask["AuthenticateOidcConfig"]
    secret = api("secretsmanager").get_secret_value(SecretId=resource(EDGES, "AWS::SecretsManager::Secret", "ClientSecret"))["SecretString"]
    target = world.service(EDGES, "Team")["loadBalancers"][0]["targetGroupArn"]
    return (
        rules.keys() == {"10", "default"}
        and (ask["Type"], go_on["Type"], go_on["TargetGroupArn"]) == ("authenticate-oidc", "forward", target)
        and condition["HostHeaderConfig"]["Values"] == ["team.example.com"]
        and (asked["Issuer"], asked["ClientId"], asked["ClientSecret"]) == ("https://id.example.com", "agents", secret)
        and secret not in world.templates(EDGES)[EDGES]
    )


@check("shared listener: the server keeps connections longer than that load balancer waits")
def _shared_timers(_: dict[str, Any]) -> bool:
    idle = int(world.load_balancer_attributes(resource(EDGES, BALANCER, "Shared"))["idle_timeout.timeout_seconds"])
    return idle == 1200 and _seconds_kept(EDGES, "Team") > idle


@check("telemetry: a collector that listens to its task alone, whose end is not the server's; its metrics go to a log group that is there")
def _telemetry(_: dict[str, Any]) -> bool:
    definition = world.task_definition(world.service(EDGES, "Team")["taskDefinition"])
    (collector,) = (known for known in definition["containerDefinitions"] if known["name"] != "Main")
    config = json.loads(world.environment(collector)["AOT_CONFIG_CONTENT"])
    heard = config["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    kept = world.log_groups()[config["exporters"]["awsemf"]["log_group_name"]]
    told = world.environment(world.container(EDGES, "Team"))["OTEL_EXPORTER_OTLP_ENDPOINT"]
    return heard == "127.0.0.1:4318" and told == f"http://{heard}" and not collector["essential"] and kept.get("retentionInDays") == 30


@check("ECS Exec: on for the one that asks for it, whose task role may open its channels, and off for the others")
def _exec(_: dict[str, Any]) -> bool:
    services = [world.service(EDGES, "World"), world.service(EDGES, "Team"), world.service(BLUE_GREEN)]
    allowed = []
    for service in services:
        role = world.task_definition(service["taskDefinition"])["taskRoleArn"].rsplit("/", 1)[1]
        allowed.append(any("ssmmessages:OpenDataChannel" in statement["Action"] for statement in world.statements(role)))
    return [service["enableExecuteCommand"] for service in services] == allowed == [True, False, False]
