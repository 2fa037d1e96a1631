import io.github.cdkflue.FlueAlarmsOptions;
import io.github.cdkflue.FlueAuth;
import io.github.cdkflue.FlueBedrockModelOptions;
import io.github.cdkflue.FlueBlueGreenDeploymentOptions;
import io.github.cdkflue.FlueBudget;
import io.github.cdkflue.FlueDashboard;
import io.github.cdkflue.FlueDatabase;
import io.github.cdkflue.FlueDeployRole;
import io.github.cdkflue.FlueDeployment;
import io.github.cdkflue.FlueEcrImageOptions;
import io.github.cdkflue.FlueEgress;
import io.github.cdkflue.FlueEndpointEgressOptions;
import io.github.cdkflue.FlueEventTarget;
import io.github.cdkflue.FlueExpiry;
import io.github.cdkflue.FlueExposure;
import io.github.cdkflue.FlueFargateService;
import io.github.cdkflue.FlueImage;
import io.github.cdkflue.FlueJwtAuthOptions;
import io.github.cdkflue.FlueJwtClaim;
import io.github.cdkflue.FlueListenerOptions;
import io.github.cdkflue.FlueLogQueriesOptions;
import io.github.cdkflue.FlueModel;
import io.github.cdkflue.FlueNatEgressOptions;
import io.github.cdkflue.FlueNetwork;
import io.github.cdkflue.FlueOidcAuthOptions;
import io.github.cdkflue.FlueOperatorCommands;
import io.github.cdkflue.FlueScheduleOptions;
import io.github.cdkflue.FlueTelemetry;
import io.github.cdkflue.FlueWorkflowEventOptions;
import io.github.cdkflue.IFlueImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.certificatemanager.ICertificate;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.ec2.InterfaceVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.ecs.DeploymentLifecycleLambdaTarget;
import software.amazon.awscdk.services.ecs.DeploymentLifecycleStage;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationLoadBalancer;
import software.amazon.awscdk.services.elasticloadbalancingv2.BaseApplicationListenerProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerAction;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCertificate;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCondition;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.FunctionAttributes;
import software.amazon.awscdk.services.lambda.IFunction;
import software.amazon.awscdk.services.logs.QueryDefinition;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.scheduler.ScheduleExpression;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.wafv2.CfnWebACL;

/** What else stands around a server: networks, edges, deployments, operations. */
final class Options {
  static void addTo(final App app, final FlueDatabase database) {
    Stack stack = new Stack(app, "Options");
    Key logKey = Key.Builder.create(stack, "LogKey").enableKeyRotation(true).build();
    Topic operators = new Topic(stack, "Operators");
    ICertificate certificate = Certificate.fromCertificateArn(
        stack, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/agents");
    IFlueImage image = FlueImage.fromEcrRepository(
        stack, "Image", Repository.fromRepositoryName(stack, "Repository", "agents"), FlueEcrImageOptions.builder().tagOrDigest("1.0.0").build());
    FlueModel model = FlueModel.bedrock("eu.anthropic.claude-sonnet-4-6",
        FlueBedrockModelOptions.builder().routesTo(List.of("anthropic.claude-sonnet-4-6")).tags(Map.of("team", "support")).build());

    FlueNetwork outward = FlueNetwork.Builder.create(stack, "Outward")
        .availabilityZoneIds(List.of("use1-az1", "use1-az2"))
        .egress(FlueEgress.natGateways(FlueNatEgressOptions.builder().count(2).build()))
        .logEncryptionKey(logKey)
        .logRetention(RetentionDays.ONE_YEAR)
        .build();
    IFunction judge = Function.fromFunctionAttributes(stack, "Judge", FunctionAttributes.builder()
        .functionArn("arn:aws:lambda:us-east-1:111122223333:function:judge")
        .sameEnvironment(true)
        .build());
    FlueFargateService observed = FlueFargateService.Builder.create(stack, "Observed")
        .image(image)
        .vpc(outward.getVpc())
        .vpcSubnets(outward.getServerSubnets())
        .model(model)
        .certificate(certificate)
        .exposure(FlueExposure.internal(Peer.ipv4("10.0.0.0/8")))
        .deployment(FlueDeployment.blueGreen(FlueBlueGreenDeploymentOptions.builder()
            .testPort(8443)
            .testPeers(List.of(Peer.ipv4("10.1.0.0/16")))
            .bakeTime(Duration.minutes(10))
            .lifecycleHooks(List.of(DeploymentLifecycleLambdaTarget.Builder.create(judge, "Hook")
                .lifecycleStages(List.of(DeploymentLifecycleStage.POST_TEST_TRAFFIC_SHIFT))
                .build()))
            .build()))
        .readonlyRootFilesystem(true)
        .dropAllCapabilities(true)
        .containerHealthCheck(true)
        .logEncryptionKey(logKey)
        .telemetry(FlueTelemetry.adot())
        .build();
    List<Alarm> alarms = observed.addAlarms(FlueAlarmsOptions.builder().topic(operators).rollBackDeployments(true).build());
    List<QueryDefinition> queries = observed.addLogQueries(FlueLogQueriesOptions.builder().slowPrompt(Duration.minutes(1)).build());
    FlueOperatorCommands commands = observed.addOperatorCommands();
    observed.addSchedule("Check", FlueScheduleOptions.builder()
        .schedule(ScheduleExpression.rate(Duration.minutes(5)))
        .target(FlueEventTarget.workflow("deployment-check", FlueWorkflowEventOptions.builder().input(Map.of("holdSeconds", 0)).build()))
        .build());

    CfnWebACL webAcl = CfnWebACL.Builder.create(stack, "WebAcl")
        .scope("REGIONAL")
        .defaultAction(CfnWebACL.DefaultActionProperty.builder().allow(CfnWebACL.AllowActionProperty.builder().build()).build())
        .visibilityConfig(CfnWebACL.VisibilityConfigProperty.builder()
            .metricName("Agents")
            .cloudWatchMetricsEnabled(true)
            .sampledRequestsEnabled(true)
            .build())
        .build();
    FlueFargateService signedIn = FlueFargateService.Builder.create(stack, "SignedIn")
        .image(image)
        .vpc(outward.getVpc())
        .vpcSubnets(outward.getServerSubnets())
        .model(model)
        .certificate(certificate)
        .webAcl(webAcl)
        .exposure(FlueExposure.toPeers(Peer.ipv4("203.0.113.0/24"), Peer.ipv4("198.51.100.0/24")))
        .auth(FlueAuth.oidc(FlueOidcAuthOptions.builder()
            .issuer("https://id.example.com")
            .clientId("agents")
            .clientSecret(Secret.fromSecretNameV2(stack, "ClientSecret", "agents/client"))
            .clientSecretField("secret")
            .scope("openid email")
            .authorizationEndpoint("https://id.example.com/authorize")
            .tokenEndpoint("https://id.example.com/token")
            .userInfoEndpoint("https://id.example.com/userinfo")
            .publicPaths(List.of("/webhooks/*"))
            .sessionTimeout(Duration.hours(10))
            .build()))
        .build();

    FlueNetwork isolated = FlueNetwork.Builder.create(stack, "Isolated")
        .egress(FlueEgress.vpcEndpoints(FlueEndpointEgressOptions.builder()
            .services(List.of(InterfaceVpcEndpointAwsService.BEDROCK_RUNTIME))
            .build()))
        .build();
    FlueFargateService withoutDomain = FlueFargateService.Builder.create(stack, "WithoutDomain")
        .image(image)
        .vpc(isolated.getVpc())
        .vpcSubnets(isolated.getServerSubnets())
        .model(model)
        .exposure(FlueExposure.cloudFront())
        .build();

    ApplicationLoadBalancer loadBalancer = ApplicationLoadBalancer.Builder.create(stack, "LoadBalancer")
        .vpc(outward.getVpc())
        .internetFacing(true)
        .idleTimeout(Duration.minutes(11))
        .build();
    ApplicationListener listener = loadBalancer.addListener("Listener", BaseApplicationListenerProps.builder()
        .certificates(List.of(ListenerCertificate.fromCertificateManager(certificate)))
        .port(443)
        .defaultAction(ListenerAction.fixedResponse(404))
        .build());
    FlueFargateService neighbour = FlueFargateService.Builder.create(stack, "Neighbour")
        .image(image)
        .vpc(outward.getVpc())
        .vpcSubnets(outward.getServerSubnets())
        .model(model)
        .exposure(FlueExposure.throughListener(listener, FlueListenerOptions.builder()
            .conditions(List.of(
                ListenerCondition.hostHeaders(List.of("team-a.example.com")), ListenerCondition.pathPatterns(List.of("/agents/*"))))
            .priority(10)
            .idleTimeout(Duration.minutes(11))
            .url("https://team-a.example.com")
            .build()))
        .auth(FlueAuth.jwt(FlueJwtAuthOptions.builder()
            .issuer("https://id.example.com")
            .jwksEndpoint("https://id.example.com/keys")
            .claims(List.of(
                FlueJwtClaim.singleString("aud", "agents"),
                FlueJwtClaim.spaceSeparatedValues("scope", "prompt", "read"),
                FlueJwtClaim.stringArray("roles", "operator")))
            .build()))
        .build();

    FlueDashboard dashboard = FlueDashboard.Builder.create(stack, "Dashboard")
        .services(List.of(observed, signedIn, withoutDomain))
        .database(database)
        .dashboardName("agents")
        .build();
    dashboard.addService(neighbour);

    FlueBudget.Builder.create(stack, "Budget")
        .monthlyLimit(200)
        .emails(List.of("team@example.com"))
        .topic(operators)
        .tags(Map.of("team", "agents"))
        .denyBedrockTo(List.of(observed.getTaskDefinition().getTaskRole()))
        .build();

    FlueDeployRole deploy = FlueDeployRole.Builder.create(stack, "Deploy")
        .repository("acme/agents")
        .branch("main")
        .environment("production")
        .pullRequests(false)
        .readOnly(false)
        .qualifier("agents")
        .build();
    FlueDeployRole compare = FlueDeployRole.Builder.create(stack, "Compare")
        .repository("acme/agents")
        .pullRequests(true)
        .readOnly(true)
        .provider(deploy.getProvider())
        .build();
    Stack ending = new Stack(app, "Ending");
    FlueExpiry.Builder.create(ending, "Expiry").at(Instant.parse("2099-01-01T00:00:00Z")).build();

    // What a server made, as this language gets it.
    output(stack, "Subjects", List.of(deploy.getSubject(), compare.getSubject(), deploy.getRole().getRoleArn()));
    output(stack, "Urls", List.of(observed.getUrl(), signedIn.getUrl(), withoutDomain.getUrl(), neighbour.getUrl()));
    output(stack, "Alarms", alarms.stream().map(Alarm::getAlarmName).toList());
    output(stack, "Queries", queries.stream().map(QueryDefinition::getQueryDefinitionId).toList());
    String shown = commands.getTailLogs() + " " + commands.getRedeploy() + " " + (commands.getOpenShell() == null);
    CfnOutput.Builder.create(stack, "Commands").value(shown).build();
    output(stack, "Endpoints", new ArrayList<>(new TreeSet<>(isolated.getInterfaceEndpoints().keySet())));
    output(stack, "LoadBalancerArn", List.of(signedIn.getLoadBalancer().getLoadBalancerArn()));
  }

  private static void output(final Stack stack, final String id, final List<String> values) {
    CfnOutput.Builder.create(stack, id).value(Fn.join(" ", values)).build();
  }
}
