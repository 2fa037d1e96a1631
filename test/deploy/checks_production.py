"""What must hold of the examples `production`, `low-cost` and `bring-your-own`."""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any

import world
from world import BRING_YOUR_OWN, EVERYONE, FOUNDATION, LOW_COST, PRODUCTION, api, resource, resources

from checks import PORT, check

OFFICES = ("203.0.113.0/24", "198.51.100.0/24")
TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
CLIENTS = "AWS::EC2::SecurityGroup"
QUERIES = ("Boot failures", "Unhandled rejections", "Failed prompts", "Slow prompts")


def _balancer() -> str:
    return resource(PRODUCTION, "AWS::ElasticLoadBalancingV2::LoadBalancer")


def _target() -> str:
    return str(world.service(PRODUCTION)["loadBalancers"][0]["targetGroupArn"])


@check("production: HTTPS by the policy of the template, with a certificate whose domain is proven; HTTP only redirects there")
def _https(_: dict[str, Any]) -> bool:
    known = world.listeners(_balancer())
    (certificate,) = known[443]["Certificates"]
    (redirect,) = known[80]["DefaultActions"]
    there = {name: redirect["RedirectConfig"][name] for name in ("Protocol", "Port", "StatusCode")}
    return (
        known.keys() == {80, 443}
        and (known[443]["Protocol"], known[443]["SslPolicy"]) == ("HTTPS", TLS)
        and world.proven(certificate["CertificateArn"])
        and there == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
        and len(world.rules(known[80]["ListenerArn"])) == 1
    )


@check("production: the paths of the health check and of the inbox pass, and everything else signs in before it is forwarded")
def _sign_in(_: dict[str, Any]) -> bool:
    rules = world.rules(world.listeners(_balancer())[443]["ListenerArn"])
    ask, go_on = sorted(rules["default"]["Actions"], key=lambda action: action["Order"])
    (passed,) = rules["1"]["Actions"]
    (condition,) = rules["1"]["Conditions"]
    paths = [world.target_group(_target())["HealthCheckPath"], "/inbox/*"]
    return (
        rules.keys() == {"1", "default"}
        and (ask["Type"], go_on["Type"], go_on["TargetGroupArn"]) == ("authenticate-cognito", "forward", _target())
        and (passed["Type"], passed["TargetGroupArn"], condition["PathPatternConfig"]["Values"]) == ("forward", _target(), paths)
    )


@check("production: the sign-in is with the pool, client and domain that are there; the client has a secret, a code flow and the callback of the name")
def _users(_: dict[str, Any]) -> bool:
    (ask, *_rest) = world.listeners(_balancer())[443]["DefaultActions"]
    asked, idp = ask["AuthenticateCognitoConfig"], api("cognito-idp")
    pool = resource(PRODUCTION, "AWS::Cognito::UserPool")
    client = idp.describe_user_pool_client(UserPoolId=pool, ClientId=asked["UserPoolClientId"])["UserPoolClient"]
    domain = idp.describe_user_pool_domain(Domain=asked["UserPoolDomain"])["DomainDescription"]
    return bool(
        asked["UserPoolArn"].endswith(f"/{pool}")
        and domain["UserPoolId"] == pool
        and client["ClientSecret"]
        and (client["AllowedOAuthFlows"], client["AllowedOAuthFlowsUserPoolClient"]) == (["code"], True)
        and client["CallbackURLs"] == ["https://agents.example.com/oauth2/idpresponse"]
        and asked["SessionTimeout"] == 36000
    )


@check("production: nobody signs up by himself, and every user has a second factor")
def _pool(_: dict[str, Any]) -> bool:
    pool = resource(PRODUCTION, "AWS::Cognito::UserPool")
    known = api("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]
    factors = api("cognito-idp").get_user_pool_mfa_config(UserPoolId=pool)
    return bool(
        known["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"]
        and (factors["MfaConfiguration"], factors["SoftwareTokenMfaConfiguration"]["Enabled"]) == ("ON", True)
    )


@check("production: the web ACL filters that load balancer, and logs without tokens to a group that AWS WAF writes to")
def _filter(_: dict[str, Any]) -> bool:
    known = api("wafv2").get_web_acl_for_resource(ResourceArn=_balancer())["WebACL"]
    logged = api("wafv2").get_logging_configuration(ResourceArn=known["ARN"])["LoggingConfiguration"]
    (destination,) = logged["LogDestinationConfigs"]
    hidden = {field["SingleHeader"]["Name"] for field in logged["RedactedFields"]}
    name = destination.split(":log-group:")[1]
    return len(known["Rules"]) == 3 and hidden == {"authorization", "cookie"} and name.startswith("aws-waf-logs-") and name in world.log_groups()


@check("production: access logs go to a bucket whose policy lets the load balancers of the region write there")
def _access_logs(_: dict[str, Any]) -> bool:
    known = world.load_balancer_attributes(_balancer())
    bucket = known["access_logs.s3.bucket"]
    (statement,) = json.loads(api("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    writes = (statement["Effect"], statement["Action"], statement["Principal"]["AWS"])
    path = f"arn:aws:s3:::{bucket}/AWSLogs/{world.ACCOUNT}/*"
    return known["access_logs.s3.enabled"] == "true" and writes == ("Allow", "s3:PutObject", "arn:aws:iam::127311923021:root") and statement["Resource"] == path


@check("production: only the offices and its own addresses reach the load balancer, only it the tasks, only these and what rotates their passwords the database")
def _edges(_: dict[str, Any]) -> bool:
    balancer, tasks = resource(PRODUCTION, CLIENTS, "AgentsLoadBalancer"), resource(PRODUCTION, CLIENTS, "AgentsSecurityGroup")
    database, rotation = resource(FOUNDATION, CLIENTS, "DatabaseSecurityGroup"), resource(FOUNDATION, CLIENTS, "DatabaseRotation")
    ways_out = resource(FOUNDATION, "AWS::EC2::PrefixList")
    offices = {(office, balancer, f"tcp {port}-{port}") for office in (*OFFICES, ways_out) for port in (80, 443)}
    # what reaches sandboxes and their endpoints is asked beside them
    of_sandboxes = {edge for edge in world.edges("in", resource(FOUNDATION, "AWS::EC2::VPC")) if edge[1] in resources(PRODUCTION, CLIENTS, "Sandboxes")}
    return world.edges("in", resource(FOUNDATION, "AWS::EC2::VPC")) - of_sandboxes == offices | {
        (balancer, tasks, f"tcp {PORT}-{PORT}"),
        (tasks, database, "tcp 6543-6543"),
        (rotation, database, "tcp 6543-6543"),
    }


@check("production: the prefix list that the load balancer admits holds the addresses of the NAT gateways, no more")
def _ways_out(_: dict[str, Any]) -> bool:
    gateways = api("ec2").describe_nat_gateways(NatGatewayIds=resources(FOUNDATION, "AWS::EC2::NatGateway"))["NatGateways"]
    addresses = {f"{address['PublicIp']}/32" for gateway in gateways for address in gateway["NatGatewayAddresses"]}
    return len(addresses) == 2 and set(_entries()) == addresses


def _entries() -> list[str]:
    listed = api("ec2").get_managed_prefix_list_entries(PrefixListId=resource(FOUNDATION, "AWS::EC2::PrefixList"))
    return [entry["Cidr"] for entry in listed["Entries"]]


@check("production: the function of the inbox is in the private subnets, and sends to the path with the token of the server")
def _inbox(_: dict[str, Any]) -> bool:
    known = api("lambda").get_function_configuration(FunctionName=resource(PRODUCTION, "AWS::Lambda::Function", "AgentsInboxDelivery"))
    variables = known["Environment"]["Variables"]
    named = {secret["name"]: secret["valueFrom"] for secret in world.container(PRODUCTION)["secrets"]}
    return (
        set(known["VpcConfig"]["SubnetIds"]) == set(world.subnets_of(world.service(PRODUCTION)))
        and (variables["SERVER_URL"], variables["PATH_PREFIX"]) == ("https://agents.example.com", "/inbox")
        and variables["CREDENTIAL_ARN"] == named["INBOX_TOKEN"]
    )


@check("production: tasks without a public address, in two zones, each with a NAT gateway of its own as the way out")
def _way_out(_: dict[str, Any]) -> bool:
    service = world.service(PRODUCTION)
    subnets = world.subnets_of(service)
    gateways = set(resources(FOUNDATION, "AWS::EC2::NatGateway"))
    zones = {subnet["AvailabilityZone"] for subnet in api("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]}
    out = [route.get("NatGatewayId") for route in world.routes(subnets) if route.get("DestinationCidrBlock") == EVERYONE]
    public = service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"]
    return public == "DISABLED" and len(zones) == len(out) == 2 and set(out) == gateways


@check("production: the database is in two zones, private and encrypted with the key of its stack")
def _database(_: dict[str, Any]) -> bool:
    name = resource(FOUNDATION, "AWS::RDS::DBInstance")
    (it,) = api("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    subnets = [subnet["SubnetIdentifier"] for subnet in it["DBSubnetGroup"]["Subnets"]]
    outside = [route for route in world.routes(subnets) if route.get("DestinationCidrBlock") == EVERYONE]
    key = resource(FOUNDATION, "AWS::KMS::Key")
    return it["MultiAZ"] and it["StorageEncrypted"] and it["KmsKeyId"].endswith(f"/{key}") and not it["PubliclyAccessible"] and not outside


@check("production: keys rotate and admit CloudWatch; logs of a year, secrets and notices are encrypted with them")
def _keys(_: dict[str, Any]) -> bool:
    for stack in (FOUNDATION, PRODUCTION):
        key = resource(stack, "AWS::KMS::Key")
        admitted = {statement["Principal"].get("Service") for statement in world.policy_of_key(key)}
        groups = [world.log_groups()[name] for name in resources(stack, "AWS::Logs::LogGroup")]
        secrets = [api("secretsmanager").describe_secret(SecretId=name) for name in resources(stack, "AWS::SecretsManager::Secret")]
        if not api("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] or "logs.us-east-1.amazonaws.com" not in admitted:
            return False
        if any((group.get("retentionInDays"), group.get("kmsKeyId", "").rsplit("/", 1)[-1]) != (365, key) for group in groups):
            return False
        if not secrets or any(secret.get("KmsKeyId", "").rsplit("/", 1)[-1] != key for secret in secrets):
            return False
    topic = api("sns").get_topic_attributes(TopicArn=resource(PRODUCTION, "AWS::SNS::Topic"))["Attributes"]
    key = resource(PRODUCTION, "AWS::KMS::Key")
    told = {statement["Principal"].get("Service") for statement in world.policy_of_key(key)}
    return topic["KmsMasterKeyId"].rsplit("/", 1)[-1] == key and "cloudwatch.amazonaws.com" in told


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@check("production: the execution role reads exactly the secrets of its task, and may decrypt each with the key of that secret")
def _decrypts(_: dict[str, Any]) -> bool:
    definition = world.task_definition(world.service(PRODUCTION)["taskDefinition"])
    arn = definition["executionRoleArn"]
    named = world.secrets_of(definition)
    decrypts = [statement["Resource"] for statement in world.statements(arn.rsplit("/", 1)[1]) if "kms:Decrypt" in statement["Action"]]
    for secret in named.values():
        key = api("kms").describe_key(KeyId=api("secretsmanager").describe_secret(SecretId=secret)["KmsKeyId"])["KeyMetadata"]["Arn"]
        admitted = [name for s in world.policy_of_key(key) if "kms:Decrypt" in s["Action"] for name in _listed(s["Principal"].get("AWS"))]
        if key not in decrypts and arn not in admitted:
            return False
    given = {secret["name"] for secret in world.container(PRODUCTION)["secrets"]}
    before = {"ADMIN_PASSWORD", "ADMIN_USER", "SCHEMA_URL"}
    exactly = given == {"DATABASE_URL", "ANTHROPIC_API_KEY", "INBOX_TOKEN"} and named.keys() - given == before
    return exactly and world.readable_secrets(arn.rsplit("/", 1)[1]) == set(named.values())


@check("production: the alarms that judge a deployment are there, watch its service, and roll it back")
def _alarms(_: dict[str, Any]) -> bool:
    judged = world.service(PRODUCTION)["deploymentConfiguration"]["alarms"]
    found = api("cloudwatch").describe_alarms(AlarmNames=judged["alarmNames"])["MetricAlarms"]
    group = _target().rsplit(":", 1)[1]
    watched = {d["Value"] for alarm in found for d in alarm["Dimensions"] if d["Name"] == "TargetGroup"}
    return judged["enable"] and judged["rollback"] and len(found) == len(judged["alarmNames"]) == 2 and watched == {group}


@check("production: the dashboard shows, and the saved queries search, what is there")
def _dashboard(_: dict[str, Any]) -> bool:
    body = json.loads(api("cloudwatch").get_dashboard(DashboardName=resource(PRODUCTION, "AWS::CloudWatch::Dashboard"))["DashboardBody"])
    service = world.service(PRODUCTION)
    group = resource(PRODUCTION, "AWS::Logs::LogGroup", "AgentsLogGroup")
    there = {
        ("ClusterName", service["clusterArn"].rsplit("/", 1)[1]),
        ("ServiceName", service["serviceName"]),
        ("TargetGroup", _target().rsplit(":", 1)[1]),
        ("LoadBalancer", _balancer().split(":loadbalancer/")[1]),
        ("DBInstanceIdentifier", resource(FOUNDATION, "AWS::RDS::DBInstance")),
        ("Pool", world.environment(world.container(PRODUCTION))["SANDBOX_POOL"]),
        *(("QueueName", queue.rsplit("/", 1)[1]) for queue in resources(PRODUCTION, "AWS::SQS::Queue")),
    }
    metrics = [metric for widget in body["widgets"] for metric in widget["properties"].get("metrics", []) if "." not in metric]
    # a metric may be an expression over others, which names nothing
    named = [pair for metric in metrics for pair in zip(metric[2::2], metric[3::2], strict=False) if isinstance(pair[0], str)]
    logs = [widget["properties"]["query"] for widget in body["widgets"] if widget["type"] == "log"]
    queries = api("logs").describe_query_definitions(queryDefinitionNamePrefix=f"{PRODUCTION}/")["queryDefinitions"]
    return (
        set(named) == there
        and len(logs) == 1
        and f"'{group}'" in logs[0]
        and {query["name"].split("/")[-1]: query["logGroupNames"] for query in queries} == {name: [group] for name in QUERIES}
    )


@check("production: the name leads to the load balancer, and to nothing else")
def _name(_: dict[str, Any]) -> bool:
    return world.alias(PRODUCTION) == [f"dualstack.{world.load_balancer(_balancer())['DNSName']}"]


@check("production: stacks, load balancer, database and users are protected from deletion")
def _protected(_: dict[str, Any]) -> bool:
    stacks = {stack["StackName"]: stack.get("EnableTerminationProtection") for stack in api("cloudformation").describe_stacks()["Stacks"]}
    pool = api("cognito-idp").describe_user_pool(UserPoolId=resource(PRODUCTION, "AWS::Cognito::UserPool"))["UserPool"]
    (database,) = api("rds").describe_db_instances(DBInstanceIdentifier=resource(FOUNDATION, "AWS::RDS::DBInstance"))["DBInstances"]
    return bool(
        stacks[FOUNDATION]
        and stacks[PRODUCTION]
        and world.load_balancer_attributes(_balancer())["deletion_protection.enabled"] == "true"
        and database["DeletionProtection"]
        and pool["DeletionProtection"] == "ACTIVE"
    )


@check("production: the server writes to /tmp alone and has no capability; silence may last longer than its longest run")
def _hardened(_: dict[str, Any]) -> bool:
    known = world.container(PRODUCTION)
    idle = int(world.load_balancer_attributes(_balancer())["idle_timeout.timeout_seconds"])
    mounts = {mount["containerPath"]: mount["readOnly"] for mount in known["mountPoints"]}
    kept = re.search(r"keepAliveTimeout=(\d+)", world.environment(known)["NODE_OPTIONS"])
    return bool(
        known["readonlyRootFilesystem"]
        and mounts == {"/tmp": False}
        and known["linuxParameters"]["capabilities"]["drop"] == ["ALL"]
        and idle > 14 * 60
        and kept
        and int(kept[1]) > idle * 1000
    )


# low-cost


@check("low-cost: the name leads to the address that the box takes, and everyone reaches its HTTP and HTTPS alone")
def _box(_: dict[str, Any]) -> bool:
    address, name = resource(LOW_COST, "AWS::EC2::EIP"), resource(LOW_COST, "AWS::Route53::RecordSet")
    (allocation,) = api("ec2").describe_addresses(PublicIps=[address])["Addresses"]
    led = [value["Value"] for record in world.all_records() if record["Name"] == name for value in record.get("ResourceRecords", [])]
    box = resource(LOW_COST, CLIENTS, "AgentsSecurityGroup")
    reached = world.edges("in", resource(LOW_COST, "AWS::EC2::VPC"))
    text = world.user_data(LOW_COST)
    return (
        led == [address]
        and f"ALLOCATION='{allocation['AllocationId']}'" in text
        and f"\n{name.rstrip('.')} {{\n" in text
        and reached == {(EVERYONE, box, "tcp 80-80"), (EVERYONE, box, "tcp 443-443")}
    )


@check("low-cost: the box reads the parameters that its user data names, no other and no secret; it is one, with its volume in its zone")
def _parameters(_: dict[str, Any]) -> bool:
    role = resource(LOW_COST, "AWS::IAM::Role", "AgentsRole")
    allowed = []
    for statement in world.statements(role):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if any(action.startswith(("ssm:GetParameter", "secretsmanager:")) or action == "*" for action in actions):
            allowed += statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    there = {known["ARN"] for known in api("ssm").get_parameters(Names=["/flue/ANTHROPIC_API_KEY", "/flue/API_TOKEN"])["Parameters"]}
    group = world.group(LOW_COST)
    (volume,) = api("ec2").describe_volumes(VolumeIds=resources(LOW_COST, "AWS::EC2::Volume"))["Volumes"]
    (subnet,) = api("ec2").describe_subnets(SubnetIds=[group["VPCZoneIdentifier"]])["Subnets"]
    return (
        set(allowed) == there
        and len(there) == 2
        and all(arn.rsplit(":parameter", 1)[1] in world.user_data(LOW_COST) for arn in there)
        and (group["MinSize"], group["MaxSize"]) == (1, 1)
        and volume["Encrypted"]
        and volume["AvailabilityZone"] == subnet["AvailabilityZone"]
    )


# bring-your-own


def _platform() -> dict[str, Any]:
    (known,) = api("elbv2").describe_load_balancers(Names=["platform"])["LoadBalancers"]
    return dict(known)


@check("bring-your-own: a rule of the listener that exists sends the host to the target group of the service, and the listener is as it was")
def _joined(_: dict[str, Any]) -> bool:
    listener = world.listeners(_platform()["LoadBalancerArn"])[80]
    rules = world.rules(listener["ListenerArn"])
    target = world.service(BRING_YOUR_OWN)["loadBalancers"][0]["targetGroupArn"]
    (condition,), (action,) = rules["120"]["Conditions"], rules["120"]["Actions"]
    known = world.target_group(target)
    return (
        rules.keys() == {"120", "default"}
        and condition["HostHeaderConfig"]["Values"] == ["agents.example.com"]
        and (action["Type"], action["TargetGroupArn"]) == ("forward", target)
        and (known["TargetType"], known["Port"], known["HealthCheckPath"]) == ("ip", PORT, "/health")
        and listener["DefaultActions"][0]["Type"] == "fixed-response"
    )


@check("bring-your-own: the server keeps connections longer than the load balancer that exists, which waits for its longest run")
def _timers(_: dict[str, Any]) -> bool:
    idle = int(world.load_balancer_attributes(_platform()["LoadBalancerArn"])["idle_timeout.timeout_seconds"])
    kept = re.search(r"keepAliveTimeout=(\d+)", world.environment(world.container(BRING_YOUR_OWN))["NODE_OPTIONS"])
    return kept is not None and int(kept[1]) > idle * 1000 and idle >= 10 * 60


@check("bring-your-own: the load balancer reaches the task and the task the database, by rules of the groups that exist")
def _connected(_: dict[str, Any]) -> bool:
    balancer = _platform()
    (clients,) = balancer["SecurityGroups"]
    tasks = resource(BRING_YOUR_OWN, CLIENTS)
    named = [{"Name": "group-name", "Values": ["database"]}, {"Name": "vpc-id", "Values": [balancer["VpcId"]]}]
    (database,) = api("ec2").describe_security_groups(Filters=named)["SecurityGroups"]
    service = world.service(BRING_YOUR_OWN)
    zones = {zone["SubnetId"] for zone in balancer["AvailabilityZones"]}
    return (
        world.edges("in", balancer["VpcId"])
        == {
            (clients, tasks, f"tcp {PORT}-{PORT}"),
            (tasks, database["GroupId"], "tcp 5432-5432"),
        }
        and set(world.subnets_of(service)) == zones
    )


@check("bring-your-own: the execution role may read the secrets that exist, by the names that the task has for them")
def _secrets(_: dict[str, Any]) -> bool:
    definition = world.task_definition(world.service(BRING_YOUR_OWN)["taskDefinition"])
    allowed = world.readable_secrets(definition["executionRoleArn"].rsplit("/", 1)[1])
    named = {secret["name"]: secret["valueFrom"] for secret in world.container(BRING_YOUR_OWN)["secrets"]}
    there = {name: api("secretsmanager").describe_secret(SecretId=arn)["ARN"] for name, arn in named.items()}
    known = {name: f"agents/{name}" for name in ("DATABASE_URL", "ANTHROPIC_API_KEY", "API_TOKEN")}
    return {name: api("secretsmanager").describe_secret(SecretId=secret)["ARN"] for name, secret in known.items()} == there and all(
        sum(fnmatch.fnmatchcase(arn, pattern) for pattern in allowed) == 1 for arn in there.values()
    )


@check("bring-your-own: nothing is made but the server, its roles, its log and its way in; the image is that of the repository")
def _nothing_else(_: dict[str, Any]) -> bool:
    made = {entry["ResourceType"] for entry in world.stack_resources(BRING_YOUR_OWN)}
    (repository,) = api("ecr").describe_repositories(repositoryNames=["agents"])["repositories"]
    return world.container(BRING_YOUR_OWN)["image"] == f"{repository['repositoryUri']}:1.0.0" and made <= {
        "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress", "AWS::ECS::Service", "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Logs::LogGroup",
        "AWS::CDK::Metadata",
    }  # fmt: skip
