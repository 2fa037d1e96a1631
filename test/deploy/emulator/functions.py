"""Functions and the custom resources that call them: their code runs, in Node.js and without a container."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import uuid
import zipfile
from typing import Any

from moto.awslambda.models import lambda_backends

from .errors import DeploymentError
from .handler import Handler, Resource, resource

INVOKE = pathlib.Path(__file__).with_name("invoke.js")


class Lambda:
    """The process in which functions run, one after another; one that ends it, or takes too long, fails, and the next gets another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def invoke(self, asked: dict[str, Any], seconds: int) -> dict[str, Any]:
        with self._lock:
            process = self._process = self._process or self._start()
            assert process.stdin and process.stdout
            late = threading.Timer(seconds, process.kill)
            late.start()
            line = ""
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(asked) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            late.cancel()
            if not line:
                self._process = None
                raise DeploymentError(f"The function ended with {process.wait()}, or was ended after {seconds} s")
        said = json.loads(line)
        if "error" in said:
            raise DeploymentError(f"The function failed: {said['error'][-1000:]}")
        return dict(said["answer"])

    def _start(self) -> subprocess.Popen[str]:
        environment = {"PATH": os.environ["PATH"], "NODE_PATH": os.environ["FUNCTION_MODULES"]}
        return subprocess.Popen(["node", str(INVOKE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True)


LAMBDA = Lambda()


@resource("AWS::Lambda::Function")
class Function(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        code = p.pop("Code")
        if "ZipFile" in code:
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w") as packed:
                packed.writestr("index.js", code["ZipFile"])
            code = {"ZipFile": archive.getvalue()}
        name = p.pop("FunctionName", self.name(64))
        tags = {tag["Key"]: tag["Value"] for tag in p.pop("Tags", [])}
        function = self.call("lambda", "create_function", p, FunctionName=name, Code=code, Tags=tags)
        return self.made(name, Arn=function["FunctionArn"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("lambda", "delete_function", FunctionName=it.physical_resource_id)


@resource("Custom::*")
class CustomResource(Handler):
    has_schema = False

    def create(self, p: dict[str, Any]) -> Resource:
        answer = self._invoke("Create", p)
        return self.made(answer["PhysicalResourceId"], **answer.get("Data", {}))

    def update(self, it: Resource, p: dict[str, Any], changed: set[str]) -> None:
        self._invoke("Update", p, PhysicalResourceId=it.physical_resource_id, OldResourceProperties=_text(it.properties))

    def delete(self, it: Resource, snapshot: bool) -> None:
        self._invoke("Delete", it.properties, PhysicalResourceId=it.physical_resource_id)

    def replaced_by(self, kind: str) -> set[str]:
        return {"ServiceToken"}

    def _invoke(self, request: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
        event = {
            "RequestType": request,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": "https://cloudformation.invalid/answer",
            "StackId": self.stack_id,
            "RequestId": str(uuid.uuid4()),
            "LogicalResourceId": self.key,
            "ResourceType": "AWS::CloudFormation::CustomResource",
            "ResourceProperties": _text(properties),
            **more,
        }
        function = lambda_backends[self.account][self.region].get_function(properties["ServiceToken"])
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            "AWS_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "function",
            "AWS_SECRET_ACCESS_KEY": "function",
            **function.environment_vars,
        }
        with tempfile.TemporaryDirectory() as directory:
            zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(directory)
            asked = {"directory": directory, "handler": str(function.handler), "environment": environment, "event": event}
            answer = LAMBDA.invoke(asked, int(function.timeout))
        if answer["Status"] != "SUCCESS":
            raise DeploymentError(f"Received response status [{answer['Status']}] from custom resource: {answer.get('Reason')}")
        return answer


def _text(value: Any) -> Any:
    """CloudFormation hands every scalar of a custom resource over as text."""
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
