"""What the library refuses must reach Python as a message that says what is wrong and where."""

from aws_cdk import App, Duration, Stack
from aws_cdk.aws_ec2 import Vpc
from aws_cdk.aws_ecs import CpuArchitecture
from aws_cdk.aws_elasticloadbalancingv2 import ApplicationLoadBalancer, ListenerAction, ListenerCondition
from cdk_flue import FlueExposure, FlueFargateService, FlueImage


def image(stack: Stack, *, port: int = 3000) -> object:
    return FlueImage.from_registry(stack, "Image", "ghcr.io/example/agents:1.0.0", port=port, cpu_architecture=CpuArchitecture.ARM64)


def missing_directory(stack: Stack) -> None:
    FlueImage(stack, "Image", directory="no-such-directory")


def impossible_port(stack: Stack) -> None:
    image(stack, port=70000)


def secret_in_plain_text(stack: Stack) -> None:
    FlueFargateService(stack, "Service", image=image(stack), environment={"ANTHROPIC_API_KEY": "sk-ant-api03-" + "a" * 40})


def startup_above_grace_period(stack: Stack) -> None:
    FlueFargateService(
        stack,
        "Service",
        image=image(stack),
        startup_budget=Duration.seconds(90),
        health_check_grace_period=Duration.seconds(60),
    )


def load_balancer_of_another(stack: Stack) -> None:
    vpc = Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    listener = ApplicationLoadBalancer(stack, "LoadBalancer", vpc=vpc, internet_facing=True, idle_timeout=Duration.minutes(11)).add_listener(
        "Listener", port=80, default_action=ListenerAction.fixed_response(404)
    )
    exposure = FlueExposure.through_listener(
        listener, conditions=[ListenerCondition.host_headers(["team-a.example.com"])], priority=1, idle_timeout=Duration.minutes(11)
    )
    agents = FlueFargateService(stack, "Service", image=image(stack), vpc=vpc, exposure=exposure)
    assert agents.listener_rule is not None, "the service has no rule"
    agents.load_balancer


EXPECTED = {
    missing_directory: ["no-such-directory"],
    impossible_port: ["70000", "65535"],
    secret_in_plain_text: ["ANTHROPIC_API_KEY", "secrets"],
    startup_above_grace_period: ["90", "60"],
    load_balancer_of_another: ["loadBalancer", "throughListener"],
}

for provoke, words in EXPECTED.items():
    try:
        provoke(Stack(App(), "Agents"))
    except RuntimeError as error:
        message = str(error)
        print(f"{provoke.__name__}: {message}")
        assert all(word in message for word in words), f"{words} not all in it"
        assert "sk-ant" not in message, "the secret is repeated"
    else:
        raise SystemExit(f"{provoke.__name__}: nothing was refused")
print(f"{len(EXPECTED)} messages readable")
