"""Faults of an inbox, and of what puts events into it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from faults import fault, opened, security_group
from world import EVENTS, api, resource

from checks_events import DELIVERY, FUNCTION, QUEUE, function


@contextlib.contextmanager
def _queue(key: str, name: str, value: str) -> Iterator[None]:
    where = {"QueueUrl": resource(EVENTS, QUEUE, f"AgentsInbox{key}")}
    known = api("sqs").get_queue_attributes(**where, AttributeNames=["All"])["Attributes"]
    # moto forgets the policy of a queue that is told anything else
    policy = {"Policy": known["Policy"]}
    api("sqs").set_queue_attributes(**where, Attributes={**policy, name: value})
    yield
    api("sqs").set_queue_attributes(**where, Attributes={**policy, name: known[name]})


@contextlib.contextmanager
def _function(key: str, **changed: Any) -> Iterator[None]:
    name = resource(EVENTS, FUNCTION, key)
    before = {it: function(key)[it] for it in changed}
    api("lambda").update_function_configuration(FunctionName=name, **changed)
    yield
    api("lambda").update_function_configuration(FunctionName=name, **before)


@fault("dead letters that are gone after four days", "events: what waits")
def _() -> Iterator[None]:
    with _queue("DeadLetters", "MessageRetentionPeriod", "345600"):
        yield


@fault("an event that is dead after three deployments", "events: what waits")
def _() -> Iterator[None]:
    name = resource(EVENTS, QUEUE, "AgentsInboxDeadLetters")
    dead = api("sqs").get_queue_attributes(QueueUrl=name, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    with _queue("Queue", "RedrivePolicy", json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})):
        yield


@fault("a queue that takes events without TLS", "events: each queue refuses")
def _() -> Iterator[None]:
    allow = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "*"}
    with _queue("Queue", "Policy", json.dumps({"Version": "2012-10-17", "Statement": [allow]})):
        yield


@fault("ten events of one conversation in one request", "events: the function gets")
def _() -> Iterator[None]:
    name = resource(EVENTS, "AWS::Lambda::EventSourceMapping")
    for size in (10, 1):
        api("lambda").update_event_source_mapping(UUID=name, BatchSize=size)
        if size == 10:
            yield


@fault("a queue that hands an event out again while the server works on it", "events: the function works")
def _() -> Iterator[None]:
    with _queue("Queue", "VisibilityTimeout", "30"):
        yield


@fault("a token in plain text", "events: the functions know")
def _() -> Iterator[None]:
    variables = function(DELIVERY)["Environment"]["Variables"]
    with _function(DELIVERY, Environment={"Variables": {**variables, "TOKEN": "plain"}}):
        yield


@fault("a producer that may read what waits", "events: each role")
def _() -> Iterator[None]:
    role = {"RoleName": resource(EVENTS, "AWS::IAM::Role", "Producer"), "PolicyName": "Peek"}
    queue = {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "Resource": "*"}
    api("iam").put_role_policy(**role, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [queue]}))
    yield
    api("iam").delete_role_policy(**role)


@fault("an internal load balancer that everyone may ask", "events: the function that delivers")
def _() -> Iterator[None]:
    with opened(security_group(EVENTS, "AgentsLoadBalancer"), 80):
        yield


@contextlib.contextmanager
def _schedule(**changed: Any) -> Iterator[None]:
    known = api("scheduler").get_schedule(Name=resource(EVENTS, "AWS::Scheduler::Schedule"))
    before = {key: known[key] for key in ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "State", "FlexibleTimeWindow", "Target")}
    api("scheduler").update_schedule(**{**before, **changed, "Target": {**before["Target"], **changed.get("Target", {})}})
    yield
    api("scheduler").update_schedule(**before)


@fault("a night that is one of another zone", "events: the schedule fires")
def _() -> Iterator[None]:
    with _schedule(ScheduleExpressionTimezone="UTC"):
        yield


@fault("a schedule whose events wait behind those of another conversation", "events: the schedule fires")
def _() -> Iterator[None]:
    with _schedule(Target={"SqsParameters": {"MessageGroupId": "all"}}):
        yield


@fault("a second path of the API", "events: one path")
def _() -> Iterator[None]:
    name = resource(EVENTS, "AWS::ApiGatewayV2::Api")
    route = api("apigatewayv2").create_route(ApiId=name, RouteKey="ANY /{proxy+}")["RouteId"]
    yield
    api("apigatewayv2").delete_route(ApiId=name, RouteId=route)


@fault("a rule that forgets what it cannot send", "events: the rule hands")
def _() -> Iterator[None]:
    rule = resource(EVENTS, "AWS::Events::Rule")
    (target,) = api("events").list_targets_by_rule(Rule=rule)["Targets"]
    api("events").put_targets(Rule=rule, Targets=[{key: value for key, value in target.items() if key != "DeadLetterConfig"}])
    yield
    api("events").put_targets(Rule=rule, Targets=[target])


@fault("an alarm that tells nobody", "events: somebody")
def _() -> Iterator[None]:
    name = resource(EVENTS, "AWS::CloudWatch::Alarm", "AgentsInboxAlarmsUndelivered")
    known = api("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    kept = {key: known[key] for key in ("AlarmName", "MetricName", "Namespace", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "Threshold",
                                        "ComparisonOperator", "AlarmDescription", "TreatMissingData", "DatapointsToAlarm")}  # fmt: skip
    api("cloudwatch").put_metric_alarm(**kept)
    yield
    api("cloudwatch").put_metric_alarm(**kept, AlarmActions=known["AlarmActions"], OKActions=known["OKActions"])
