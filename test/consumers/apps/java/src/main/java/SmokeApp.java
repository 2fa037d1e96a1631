import io.github.cdkflue.FlueChecks;
import io.github.cdkflue.FlueChecksProps;
import io.github.cdkflue.FlueDatabase;
import io.github.cdkflue.FlueDeployment;
import io.github.cdkflue.FlueDeploymentOptions;
import io.github.cdkflue.FlueFargateService;
import io.github.cdkflue.FlueImage;
import io.github.cdkflue.FlueModel;
import io.github.cdkflue.FlueRegistryImageOptions;
import io.github.cdkflue.IFlueImage;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.Validations;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ecs.CpuArchitecture;
import software.amazon.awscdk.services.ecs.Secret;

public final class SmokeApp {
  public static void main(final String[] args) {
    App app = new App();
    Stack stack = new Stack(app, "Agents");
    Options.addTo(app, addAgentsTo(stack));
    Settings.addTo(app);
    Validations.of(app).addPlugins(new FlueChecks(app, FlueChecksProps.builder().services(List.of(stack)).build()));
    app.synth();
  }

  private static FlueDatabase addAgentsTo(final Stack stack) {
    Secret key = Secret.fromSecretsManager(
        software.amazon.awscdk.services.secretsmanager.Secret.fromSecretNameV2(stack, "Key", "anthropic-api-key"));
    Vpc vpc = Vpc.Builder.create(stack, "Vpc").maxAzs(2).natGateways(0).build();
    FlueDatabase database = FlueDatabase.Builder.create(stack, "Database").vpc(vpc).build();
    IFlueImage image = FlueImage.fromRegistry(stack, "Image", "ghcr.io/example/agents:1.0.0", FlueRegistryImageOptions.builder()
        .port(8080)
        .cpuArchitecture(CpuArchitecture.ARM64)
        .caBundlePath("/etc/ssl/rds.pem")
        .build());
    FlueFargateService agents = FlueFargateService.Builder.create(stack, "Service")
        .image(image)
        .database(database)
        .model(FlueModel.anthropic(key, "claude-sonnet-4-6"))
        .environment(Map.of("LOG_LEVEL", "info"))
        .startupBudget(Duration.seconds(90))
        .deployment(FlueDeployment.recreate(FlueDeploymentOptions.builder().rollback(false).build()))
        .build();
    CfnOutput.Builder.create(stack, "Url").value(agents.getUrl()).build();
    return database;
  }
}
