"""Queues, rules, and the API in front of webhooks."""

from __future__ import annotations

import json
from typing import Any

from .handler import Handler, Resource, resource


@resource("AWS::SQS::Queue")
class Queue(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = p.pop("QueueName", None) or self.name(75) + (".fifo" if p.get("FifoQueue") else "")
        url = self.call("sqs", "create_queue", QueueName=name, Attributes={key: _text(value) for key, value in p.items()})["QueueUrl"]
        arn = self.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return self.made(url, Arn=arn, QueueName=name, QueueUrl=url)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("sqs", "delete_queue", QueueUrl=it.physical_resource_id)


@resource("AWS::SQS::QueuePolicy")
class QueuePolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        for queue in p["Queues"]:
            self.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": json.dumps(p["PolicyDocument"])})
        return self.made(self.name(64), queues=p["Queues"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        for queue in it.attributes["queues"]:
            self.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": ""})


@resource("AWS::Lambda::EventSourceMapping")
class EventSourceMapping(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("lambda", "create_event_source_mapping", p)
        return self.made(made["UUID"], Id=made["UUID"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("lambda", "delete_event_source_mapping", UUID=it.physical_resource_id)


@resource("AWS::Lambda::Permission")
class Permission(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        name = self.name(100)
        self.call("lambda", "add_permission", p, StatementId=name)
        return self.made(name, Id=name, function=p["FunctionName"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("lambda", "remove_permission", FunctionName=it.attributes["function"], StatementId=it.physical_resource_id)


@resource("AWS::Events::Rule")
class Rule(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        targets, name = p.pop("Targets", []), p.pop("Name", self.name(64))
        pattern = {"EventPattern": json.dumps(p.pop("EventPattern"))} if "EventPattern" in p else {}
        arn = self.call("events", "put_rule", p, Name=name, **pattern)["RuleArn"]
        if targets:
            self.call("events", "put_targets", {"Targets": targets}, Rule=name)
        return self.made(name, Arn=arn)

    def delete(self, it: Resource, snapshot: bool) -> None:
        targets = self.call("events", "list_targets_by_rule", Rule=it.physical_resource_id)["Targets"]
        if targets:
            self.call("events", "remove_targets", Rule=it.physical_resource_id, Ids=[target["Id"] for target in targets])
        self.call("events", "delete_rule", Name=it.physical_resource_id)


@resource("AWS::ApiGatewayV2::Api")
class HttpApi(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("apigatewayv2", "create_api", p)
        return self.made(made["ApiId"], ApiId=made["ApiId"], ApiEndpoint=made["ApiEndpoint"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("apigatewayv2", "delete_api", ApiId=it.physical_resource_id)


@resource("AWS::ApiGatewayV2::Stage")
class HttpStage(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("apigatewayv2", "create_stage", p)
        return self.made(p["StageName"], api=p["ApiId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("apigatewayv2", "delete_stage", ApiId=it.attributes["api"], StageName=it.physical_resource_id)


@resource("AWS::ApiGatewayV2::Integration")
class HttpIntegration(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("apigatewayv2", "create_integration", p)
        return self.made(made["IntegrationId"], IntegrationId=made["IntegrationId"], api=p["ApiId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("apigatewayv2", "delete_integration", ApiId=it.attributes["api"], IntegrationId=it.physical_resource_id)


@resource("AWS::ApiGatewayV2::Route")
class HttpRoute(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        made = self.call("apigatewayv2", "create_route", p)
        return self.made(made["RouteId"], RouteId=made["RouteId"], api=p["ApiId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("apigatewayv2", "delete_route", ApiId=it.attributes["api"], RouteId=it.physical_resource_id)


def _text(value: Any) -> str:
    """Attributes of a queue are texts."""
    return json.dumps(value) if isinstance(value, (dict, bool)) else str(value)
