"""What must hold of a server whose work comes by itself: a schedule, a webhook, a rule and a program in front of one inbox."""

from __future__ import annotations

import json
from typing import Any

import world
from world import EVENTS, api, resource, resources

from checks import check

QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"
GROUP = "AWS::EC2::SecurityGroup"
#: Seconds of a run, of the function and of an event out of sight.
RUN, FUNCTION_TIMEOUT, HIDDEN = 300, 330, 420
RETRY = 6 * 3600
DELIVERY, WEBHOOK, RULE = "AgentsInboxDelivery", "AgentsInboxWebhooks", "AgentsInboxOrders"


def _queue(key: str) -> dict[str, str]:
    return dict(api("sqs").get_queue_attributes(QueueUrl=resource(EVENTS, QUEUE, f"AgentsInbox{key}"), AttributeNames=["All"])["Attributes"])


def arn_of(key: str) -> str:
    return _queue(key)["QueueArn"]


def function(key: str) -> dict[str, Any]:
    return dict(api("lambda").get_function_configuration(FunctionName=resource(EVENTS, FUNCTION, key)))


def _role(key: str) -> str:
    return resource(EVENTS, "AWS::IAM::Role", key)


def _may(role: str) -> dict[str, set[str]]:
    """What a role may do, by the resource."""
    found: dict[str, set[str]] = {}
    for statement in world.statements(role):
        for place in statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            found.setdefault(place, set()).update(actions)
    return found


@check("events: what waits and what is dead are in FIFO queues, what EventBridge cannot send is in another, all encrypted and kept for 14 days")
def _queues(_: dict[str, Any]) -> bool:
    found = {key: _queue(key) for key in ("Queue", "DeadLetters", "Undelivered")}
    redrive = json.loads(found["Queue"]["RedrivePolicy"])
    return (
        len(resources(EVENTS, QUEUE)) == 3
        and [it.get("FifoQueue") for it in found.values()] == ["true", "true", None]
        and {(it["MessageRetentionPeriod"], it["SqsManagedSseEnabled"]) for it in found.values()} == {("1209600", "true")}
        and (redrive["deadLetterTargetArn"], redrive["maxReceiveCount"]) == (found["DeadLetters"]["QueueArn"], 1000)
    )


@check("events: each queue refuses what comes without TLS, and one alone takes what the rule cannot send")
def _policies(_: dict[str, Any]) -> bool:
    allowed = {}
    for key in ("Queue", "DeadLetters", "Undelivered"):
        statements = json.loads(_queue(key)["Policy"])["Statement"]
        if not any(it["Effect"] == "Deny" and it["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} and it["Action"] == "sqs:*" for it in statements):
            return False
        allowed[key] = [(it["Action"], it["Principal"], it["Condition"]) for it in statements if it["Effect"] == "Allow"]
    rule = api("events").describe_rule(Name=resource(EVENTS, "AWS::Events::Rule"))["Arn"]
    from_rule = ("sqs:SendMessage", {"Service": "events.amazonaws.com"}, {"ArnEquals": {"aws:SourceArn": rule}})
    return allowed == {"Queue": [], "DeadLetters": [], "Undelivered": [from_rule]}


@check("events: the function gets one event at a time, of five conversations at most, and says itself which failed")
def _mapping(_: dict[str, Any]) -> bool:
    it = api("lambda").get_event_source_mapping(UUID=resource(EVENTS, "AWS::Lambda::EventSourceMapping"))
    told = (it["BatchSize"], it["FunctionResponseTypes"], it["ScalingConfig"], it["EventSourceArn"])
    return told == (1, ["ReportBatchItemFailures"], {"MaximumConcurrency": 5}, arn_of("Queue"))


@check("events: the function works for longer than a run, and the queue hides an event for longer than that")
def _times(_: dict[str, Any]) -> bool:
    it = function(DELIVERY)
    told = (it["Environment"]["Variables"]["REQUEST_SECONDS"], it["Timeout"], _queue("Queue")["VisibilityTimeout"])
    return told == (str(RUN), FUNCTION_TIMEOUT, str(HIDDEN))


@check("events: the functions know queues, settings and the ARNs of secrets, and no secret")
def _variables(_: dict[str, Any]) -> bool:
    url, dead = resource(EVENTS, QUEUE, "AgentsInboxQueue"), resource(EVENTS, QUEUE, "AgentsInboxDeadLetters")
    deliver, webhook, rule = [function(key)["Environment"]["Variables"] for key in (DELIVERY, WEBHOOK, RULE)]
    token, github = [resource(EVENTS, "AWS::SecretsManager::Secret", key) for key in ("Token", "GitHub")]
    balancer = world.load_balancer(resource(EVENTS, "AWS::ElasticLoadBalancingV2::LoadBalancer"))
    return (
        deliver
        == {
            "SERVER_URL": f"http://{balancer['DNSName']}", "QUEUE_URL": url, "DEAD_LETTER_QUEUE_URL": dead, "CREDENTIAL_ARN": token,
            "FLUE_MAJOR": "0", "REQUEST_SECONDS": str(RUN), "RETRY_SECONDS": str(RETRY), "REPEATS": "false",
        }
        and {**webhook, "WEBHOOK": json.loads(webhook["WEBHOOK"])}
        == {"NAME": "/hooks/github", "QUEUE_URL": url, "CREDENTIAL_ARN": github, "WEBHOOK": {"agentName": "assistant", "verify": {"scheme": "github"}}}
        and {**rule, "PATTERN": json.loads(rule["PATTERN"])}
        == {"NAME": "Orders", "QUEUE_URL": url, "PATTERN": {"agentName": "assistant", "conversationField": "detail.customer"}}
    )  # fmt: skip


@check("events: each role may do its part: take or send events, and read its one secret")
def _roles(_: dict[str, Any]) -> bool:
    queue, dead, undelivered = [arn_of(key) for key in ("Queue", "DeadLetters", "Undelivered")]
    send = {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
    take = {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    read = {"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}
    token, github = [resource(EVENTS, "AWS::SecretsManager::Secret", key) for key in ("Token", "GitHub")]
    (scheduler,) = [name for name in resources(EVENTS, "AWS::IAM::Role") if "SchedulerRole" in name]
    return (
        _may(_role(DELIVERY)) == {queue: take, dead: send, token: read}
        and _may(_role(WEBHOOK)) == {queue: send, github: read}
        and _may(_role(RULE)) == {queue: send, undelivered: {"sqs:SendMessage"}}
        and _may(_role("Producer")) == {queue: send}
        and _may(scheduler) == {queue: {"sqs:SendMessage"}, undelivered: {"sqs:SendMessage"}}
    )


@check("events: the function that delivers is in the private subnets, with a way out, and reaches the internal load balancer as nobody else does")
def _network(_: dict[str, Any]) -> bool:
    config = function(DELIVERY)["VpcConfig"]
    ways = [way.get("NatGatewayId") for way in world.routes(config["SubnetIds"]) if way.get("DestinationCidrBlock") == world.EVERYONE]
    balancer = resource(EVENTS, GROUP, "AgentsLoadBalancer")
    reach = {(peer, port) for peer, group, port in world.edges("in", resource(EVENTS, "AWS::EC2::VPC")) if group == balancer}
    return (
        len(config["SubnetIds"]) == 2
        and len(ways) == 2 and all(ways)
        and config["SecurityGroupIds"] == [resource(EVENTS, GROUP, DELIVERY)]
        and reach == {(config["SecurityGroupIds"][0], "tcp 80-80")}
    )  # fmt: skip


@check("events: the schedule fires in its zone, into the group of its conversation, tries for six hours and keeps what it cannot send")
def _schedule(_: dict[str, Any]) -> bool:
    it = api("scheduler").get_schedule(Name=resource(EVENTS, "AWS::Scheduler::Schedule"))
    target = it["Target"]
    return (
        (it["ScheduleExpression"], it["ScheduleExpressionTimezone"], it["State"]) == ("cron(0 3 * * ? *)", "Europe/Berlin", "ENABLED")
        and (target["Arn"], target["SqsParameters"]) == (arn_of("Queue"), {"MessageGroupId": "assistant/nightly"})
        and target["DeadLetterConfig"] == {"Arn": arn_of("Undelivered")}
        and target["RetryPolicy"]["MaximumEventAgeInSeconds"] == RETRY
        and set(json.loads(target["Input"])) == {"agent", "conversation", "message", "fire"}
    )


@check("events: one path of the API is open, to the function that verifies, and only this API may call it")
def _webhook(_: dict[str, Any]) -> bool:
    name = resource(EVENTS, "AWS::ApiGatewayV2::Api")
    routes = api("apigatewayv2").get_routes(ApiId=name)["Items"]
    (integration,) = api("apigatewayv2").get_integrations(ApiId=name)["Items"]
    policy = json.loads(api("lambda").get_policy(FunctionName=resource(EVENTS, FUNCTION, WEBHOOK))["Policy"])["Statement"]
    return (
        [(it["RouteKey"], it["Target"]) for it in routes] == [("POST /hooks/github", f"integrations/{integration['IntegrationId']}")]
        and integration["IntegrationUri"] == function(WEBHOOK)["FunctionArn"]
        and [it["Principal"] for it in policy] == [{"Service": "apigateway.amazonaws.com"}]
        and f":{name}/*/*/hooks/github" in json.dumps(policy)
    )


@check("events: the rule hands its events to its function alone, tries for six hours and keeps what it cannot send")
def _rule(_: dict[str, Any]) -> bool:
    name = resource(EVENTS, "AWS::Events::Rule")
    it = api("events").describe_rule(Name=name)
    (target,) = api("events").list_targets_by_rule(Rule=name)["Targets"]
    return (
        (json.loads(it["EventPattern"]), it["State"]) == ({"source": ["acme.orders"]}, "ENABLED")
        and target["Arn"] == function(RULE)["FunctionArn"]
        and target["DeadLetterConfig"] == {"Arn": arn_of("Undelivered")}
        and target["RetryPolicy"]["MaximumEventAgeInSeconds"] == RETRY
    )


@check("events: somebody is told of dead letters, of what is undelivered, and of an event that has waited for an hour")
def _alarms(_: dict[str, Any]) -> bool:
    found = api("cloudwatch").describe_alarms(AlarmNames=resources(EVENTS, "AWS::CloudWatch::Alarm"))["MetricAlarms"]
    told = {(it["MetricName"], it["Dimensions"][0]["Value"], it["Threshold"], *it["AlarmActions"]) for it in found}
    names = {key: arn_of(key).rsplit(":", 1)[1] for key in ("Queue", "DeadLetters", "Undelivered")}
    topic = resource(EVENTS, "AWS::SNS::Topic")
    return told == {
        ("ApproximateNumberOfMessagesVisible", names["DeadLetters"], 1, topic),
        ("ApproximateNumberOfMessagesVisible", names["Undelivered"], 1, topic),
        ("ApproximateAgeOfOldestMessage", names["Queue"], 3600, topic),
    }
