"""The rotation of secrets: its functions, which are of AWS, what deploys after it, and what moto lacks of it: schedules that are expressions."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from botocore.exceptions import ClientError
from moto.secretsmanager.responses import SecretsManagerResponse

from .api import client
from .errors import DeploymentError, Refused
from .handler import Handler, Resource, resource

#: The applications of AWS in its Serverless Application Repository, and the parameters that each must and may have.
APPLICATION = re.compile(r"arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotation(Single|Multi)User")
REQUIRED = {"Single": {"endpoint", "functionName"}, "Multi": {"endpoint", "functionName", "masterSecretArn"}}
OPTIONAL = {"excludeCharacters", "kmsKeyArn", "masterSecretKmsKeyArn", "vpcSecurityGroupIds", "vpcSubnetIds"}
#: What the function does that nobody calls here: the rotation is tried by `npm run test:rotation`.
NOTHING = "def lambda_handler(event, context):\n    raise NotImplementedError\n"

#: What each secret was told of its rotation, by its ARN.
_rotations: dict[str, dict[str, Any]] = {}


@resource("AWS::Serverless::Application")
class Application(Handler):
    """The function of an application, and its role, whose rights are those of the application's own template."""

    def create(self, p: dict[str, Any]) -> Resource:
        known = APPLICATION.fullmatch(p["Location"]["ApplicationId"])
        if known is None:
            raise DeploymentError(f"The emulator knows no application {p['Location']['ApplicationId']}")
        told: dict[str, str] = p["Parameters"]
        missing, unknown = REQUIRED[known[1]] - told.keys(), told.keys() - REQUIRED[known[1]] - OPTIONAL
        if missing or unknown:
            raise DeploymentError(f"Parameters: [{', '.join(sorted(missing | unknown))}] do not exist in the template, or must have values")
        where = {"SubnetIds": told["vpcSubnetIds"].split(","), "SecurityGroupIds": told["vpcSecurityGroupIds"].split(",")}
        self.call("ec2", "describe_subnets", SubnetIds=where["SubnetIds"])
        self.call("ec2", "describe_security_groups", GroupIds=where["SecurityGroupIds"])
        role = self._role(told)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("lambda_function.py", NOTHING)
        variables = {"SECRETS_MANAGER_ENDPOINT": told["endpoint"], "EXCLUDE_CHARACTERS": told.get("excludeCharacters", "")}
        function = self.call(
            "lambda", "create_function", FunctionName=told["functionName"], Runtime="python3.12", Handler="lambda_function.lambda_handler", Timeout=30,
            Role=role["Arn"], Code={"ZipFile": archive.getvalue()}, VpcConfig=where, Environment={"Variables": variables},
        )  # fmt: skip
        self.call(
            "lambda", "add_permission", FunctionName=told["functionName"], StatementId="SecretsManager", Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
        )  # fmt: skip
        return self.made(self.name(128), **{"Outputs.RotationLambdaARN": function["FunctionArn"]}, function=told["functionName"], role=role["RoleName"])

    def _role(self, told: dict[str, str]) -> dict[str, Any]:
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        role: dict[str, Any] = self.call("iam", "create_role", RoleName=self.name(64), AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        own = f"arn:aws:lambda:{self.region}:{self.account}:function:{told['functionName']}"
        statements: list[dict[str, Any]] = [{
            "Effect": "Allow",
            "Action": [f"secretsmanager:{name}" for name in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")],
            "Resource": f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:*",
            "Condition": {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": own}},
        }]  # fmt: skip
        if "masterSecretArn" in told:
            statements.append({"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": told["masterSecretArn"]})
        for key in {"kmsKeyArn", "masterSecretKmsKeyArn"} & told.keys():
            statements.append({"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": told[key]})
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.call("iam", "put_role_policy", RoleName=role["RoleName"], PolicyName="Rotation", PolicyDocument=document)
        return role

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("lambda", "delete_function", FunctionName=it.attributes["function"])
        self.call("iam", "delete_role_policy", RoleName=it.attributes["role"], PolicyName="Rotation")
        self.call("iam", "delete_role", RoleName=it.attributes["role"])


@resource("AWS::SecretsManager::RotationSchedule")
class RotationSchedule(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        now = {"RotateImmediately": p.pop("RotateImmediatelyOnUpdate", True)}
        self.call("secretsmanager", "rotate_secret", p, **now)
        return self.made(p["SecretId"], Id=p["SecretId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("secretsmanager", "cancel_rotate_secret", SecretId=it.physical_resource_id)


@resource("AWS::SecretsManager::ResourcePolicy")
class ResourcePolicy(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        self.call("secretsmanager", "put_resource_policy", SecretId=p["SecretId"], ResourcePolicy=json.dumps(p["ResourcePolicy"]))
        return self.made(p["SecretId"], Id=p["SecretId"])

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("secretsmanager", "delete_resource_policy", SecretId=it.physical_resource_id)


@resource("AWS::StepFunctions::StateMachine")
class StateMachine(Handler):
    def create(self, p: dict[str, Any]) -> Resource:
        names = {new: p.pop(old) for old, new in (("StateMachineType", "type"), ("DefinitionString", "definition")) if old in p}
        json.loads(names["definition"])
        name = p.pop("StateMachineName", self.name(80))
        arn = self.call("stepfunctions", "create_state_machine", p, name=name, **names)["stateMachineArn"]
        return self.made(arn, Arn=arn, Name=name)

    def delete(self, it: Resource, snapshot: bool) -> None:
        self.call("stepfunctions", "delete_state_machine", stateMachineArn=it.physical_resource_id)


def _rotate(self: SecretsManagerResponse) -> str:
    """moto would call the function, in a container, and knows no expression; here a function must be there that Secrets Manager may call."""
    secret = self.backend.describe_secret(secret_id=self._get_param("SecretId"))
    function, now = self._get_param("RotationLambdaARN"), self._get_bool_param("RotateImmediately", True)
    try:
        policy = json.loads(client("lambda", self.region).get_policy(FunctionName=function)["Policy"])
    except ClientError:
        policy = {"Statement": []}
    if not any(statement["Principal"] == {"Service": "secretsmanager.amazonaws.com"} for statement in policy["Statement"]):
        raise Refused("AccessDeniedException", f"Secrets Manager cannot invoke the specified Lambda function {function}.")
    if now:
        raise Refused("NotImplemented", "The emulator rotates nothing at once: the logins are not there yet.")
    _rotations[secret.arn] = {"RotationEnabled": True, "RotationLambdaARN": function, "RotationRules": self._get_param("RotationRules")}
    return json.dumps({"ARN": secret.arn, "Name": secret.name})


def _cancel(self: SecretsManagerResponse) -> str:
    secret = self.backend.describe_secret(secret_id=self._get_param("SecretId"))
    del _rotations[secret.arn]
    return json.dumps({"ARN": secret.arn, "Name": secret.name})


def _describe(self: SecretsManagerResponse) -> str:
    secret = self.backend.describe_secret(secret_id=self._get_param("SecretId"))
    return json.dumps({**secret.to_dict(), **_rotations.get(secret.arn, {})})


def install() -> None:
    SecretsManagerResponse.rotate_secret = _rotate
    SecretsManagerResponse.cancel_rotate_secret = _cancel
    SecretsManagerResponse.describe_secret = _describe
