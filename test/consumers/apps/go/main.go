package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-flue/cdk-flue/cdkflue"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack, database := addAgents(app)
	addOptions(app, database)
	addSettings(app)
	awscdk.Validations_Of(app).AddPlugins(cdkflue.NewFlueChecks(app, &cdkflue.FlueChecksProps{Services: &[]constructs.IConstruct{stack}}))
	app.Synth(nil)
}

func addAgents(app awscdk.App) (awscdk.Stack, cdkflue.FlueDatabase) {
	stack := awscdk.NewStack(app, jsii.String("Agents"), nil)
	key := awsecs.Secret_FromSecretsManager(
		awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Key"), jsii.String("anthropic-api-key")), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{MaxAzs: jsii.Number(2), NatGateways: jsii.Number(0)})
	database := cdkflue.NewFlueDatabase(stack, jsii.String("Database"), &cdkflue.FlueDatabaseProps{Vpc: vpc})
	image := cdkflue.FlueImage_FromRegistry(stack, jsii.String("Image"), jsii.String("ghcr.io/example/agents:1.0.0"),
		&cdkflue.FlueRegistryImageOptions{
			Port:            jsii.Number(8080),
			CpuArchitecture: awsecs.CpuArchitecture_ARM64(),
			CaBundlePath:    jsii.String("/etc/ssl/rds.pem"),
		})
	agents := cdkflue.NewFlueFargateService(stack, jsii.String("Service"), &cdkflue.FlueFargateServiceProps{
		Image:         image,
		Database:      database,
		Model:         cdkflue.FlueModel_Anthropic(key, jsii.String("claude-sonnet-4-6")),
		Environment:   &map[string]*string{"LOG_LEVEL": jsii.String("info")},
		StartupBudget: awscdk.Duration_Seconds(jsii.Number(90)),
		Deployment:    cdkflue.FlueDeployment_Recreate(&cdkflue.FlueDeploymentOptions{Rollback: jsii.Bool(false)}),
	})
	awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{Value: agents.Url()})
	return stack, database
}
