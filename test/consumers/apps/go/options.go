package main

import (
	"fmt"
	"sort"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	cloudwatch "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	ec2 "github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	ecr "github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	ecs "github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	kms "github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	lambda "github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	logs "github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	scheduler "github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	sm "github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	sns "github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	wafv2 "github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
	flue "github.com/cdk-flue/cdk-flue/cdkflue"
)

// What else stands around a server: networks, edges, deployments, operations.
func addOptions(app awscdk.App, database flue.FlueDatabase) {
	stack := awscdk.NewStack(app, jsii.String("Options"), nil)
	logKey := kms.NewKey(stack, jsii.String("LogKey"), &kms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	operators := sns.NewTopic(stack, jsii.String("Operators"), nil)
	certificate := acm.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
		jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/agents"))
	image := flue.FlueImage_FromEcrRepository(stack, jsii.String("Image"),
		ecr.Repository_FromRepositoryName(stack, jsii.String("Repository"), jsii.String("agents")),
		&flue.FlueEcrImageOptions{TagOrDigest: jsii.String("1.0.0")})
	model := flue.FlueModel_Bedrock(jsii.String("eu.anthropic.claude-sonnet-4-6"), &flue.FlueBedrockModelOptions{
		RoutesTo: jsii.Strings("anthropic.claude-sonnet-4-6"),
		Tags:     &map[string]*string{"team": jsii.String("support")},
	})

	outward := flue.NewFlueNetwork(stack, jsii.String("Outward"), &flue.FlueNetworkProps{
		AvailabilityZoneIds: jsii.Strings("use1-az1", "use1-az2"),
		Egress:              flue.FlueEgress_NatGateways(&flue.FlueNatEgressOptions{Count: jsii.Number(2)}),
		LogEncryptionKey:    logKey,
		LogRetention:        logs.RetentionDays_ONE_YEAR,
	})
	judge := lambda.Function_FromFunctionAttributes(stack, jsii.String("Judge"), &lambda.FunctionAttributes{
		FunctionArn: jsii.String("arn:aws:lambda:us-east-1:111122223333:function:judge"), SameEnvironment: jsii.Bool(true),
	})
	observed := flue.NewFlueFargateService(stack, jsii.String("Observed"), &flue.FlueFargateServiceProps{
		Image:       image,
		Vpc:         outward.Vpc(),
		VpcSubnets:  outward.ServerSubnets(),
		Model:       model,
		Certificate: certificate,
		Exposure:    flue.FlueExposure_Internal(ec2.Peer_Ipv4(jsii.String("10.0.0.0/8"))),
		Deployment: flue.FlueDeployment_BlueGreen(&flue.FlueBlueGreenDeploymentOptions{
			TestPort:  jsii.Number(8443),
			TestPeers: &[]ec2.IPeer{ec2.Peer_Ipv4(jsii.String("10.1.0.0/16"))},
			BakeTime:  awscdk.Duration_Minutes(jsii.Number(10)),
			LifecycleHooks: &[]ecs.IDeploymentLifecycleHookTarget{
				ecs.NewDeploymentLifecycleLambdaTarget(judge, jsii.String("Hook"), &ecs.DeploymentLifecycleLambdaTargetProps{
					LifecycleStages: &[]ecs.DeploymentLifecycleStage{ecs.DeploymentLifecycleStage_POST_TEST_TRAFFIC_SHIFT},
				}),
			},
		}),
		ReadonlyRootFilesystem: jsii.Bool(true),
		DropAllCapabilities:    jsii.Bool(true),
		ContainerHealthCheck:   jsii.Bool(true),
		LogEncryptionKey:       logKey,
		Telemetry:              flue.FlueTelemetry_Adot(nil),
	})
	alarms := observed.AddAlarms(&flue.FlueAlarmsOptions{Topic: operators, RollBackDeployments: jsii.Bool(true)})
	queries := observed.AddLogQueries(&flue.FlueLogQueriesOptions{SlowPrompt: awscdk.Duration_Minutes(jsii.Number(1))})
	commands := observed.AddOperatorCommands()
	observed.AddSchedule(jsii.String("Check"), &flue.FlueScheduleOptions{
		Schedule: scheduler.ScheduleExpression_Rate(awscdk.Duration_Minutes(jsii.Number(5))),
		Target: flue.FlueEventTarget_Workflow(jsii.String("deployment-check"), &flue.FlueWorkflowEventOptions{
			Input: &map[string]interface{}{"holdSeconds": jsii.Number(0)},
		}),
	})

	webAcl := wafv2.NewCfnWebACL(stack, jsii.String("WebAcl"), &wafv2.CfnWebACLProps{
		Scope:         jsii.String("REGIONAL"),
		DefaultAction: &wafv2.CfnWebACL_DefaultActionProperty{Allow: &wafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: &wafv2.CfnWebACL_VisibilityConfigProperty{
			MetricName:               jsii.String("Agents"),
			CloudWatchMetricsEnabled: jsii.Bool(true),
			SampledRequestsEnabled:   jsii.Bool(true),
		},
	})
	signedIn := flue.NewFlueFargateService(stack, jsii.String("SignedIn"), &flue.FlueFargateServiceProps{
		Image:       image,
		Vpc:         outward.Vpc(),
		VpcSubnets:  outward.ServerSubnets(),
		Model:       model,
		Certificate: certificate,
		WebAcl:      webAcl,
		Exposure: flue.FlueExposure_ToPeers(
			ec2.Peer_Ipv4(jsii.String("203.0.113.0/24")), ec2.Peer_Ipv4(jsii.String("198.51.100.0/24"))),
		Auth: flue.FlueAuth_Oidc(&flue.FlueOidcAuthOptions{
			Issuer:                jsii.String("https://id.example.com"),
			ClientId:              jsii.String("agents"),
			ClientSecret:          sm.Secret_FromSecretNameV2(stack, jsii.String("ClientSecret"), jsii.String("agents/client")),
			ClientSecretField:     jsii.String("secret"),
			Scope:                 jsii.String("openid email"),
			AuthorizationEndpoint: jsii.String("https://id.example.com/authorize"),
			TokenEndpoint:         jsii.String("https://id.example.com/token"),
			UserInfoEndpoint:      jsii.String("https://id.example.com/userinfo"),
			PublicPaths:           jsii.Strings("/webhooks/*"),
			SessionTimeout:        awscdk.Duration_Hours(jsii.Number(10)),
		}),
	})

	isolated := flue.NewFlueNetwork(stack, jsii.String("Isolated"), &flue.FlueNetworkProps{
		Egress: flue.FlueEgress_VpcEndpoints(&flue.FlueEndpointEgressOptions{
			Services: &[]ec2.InterfaceVpcEndpointAwsService{ec2.InterfaceVpcEndpointAwsService_BEDROCK_RUNTIME()},
		}),
	})
	withoutDomain := flue.NewFlueFargateService(stack, jsii.String("WithoutDomain"), &flue.FlueFargateServiceProps{
		Image:      image,
		Vpc:        isolated.Vpc(),
		VpcSubnets: isolated.ServerSubnets(),
		Model:      model,
		Exposure:   flue.FlueExposure_CloudFront(nil),
	})

	loadBalancer := elbv2.NewApplicationLoadBalancer(stack, jsii.String("LoadBalancer"), &elbv2.ApplicationLoadBalancerProps{
		Vpc: outward.Vpc(), InternetFacing: jsii.Bool(true), IdleTimeout: awscdk.Duration_Minutes(jsii.Number(11)),
	})
	listener := loadBalancer.AddListener(jsii.String("Listener"), &elbv2.BaseApplicationListenerProps{
		Certificates:  &[]elbv2.IListenerCertificate{elbv2.ListenerCertificate_FromCertificateManager(certificate)},
		Port:          jsii.Number(443),
		DefaultAction: elbv2.ListenerAction_FixedResponse(jsii.Number(404), nil),
	})
	neighbour := flue.NewFlueFargateService(stack, jsii.String("Neighbour"), &flue.FlueFargateServiceProps{
		Image:      image,
		Vpc:        outward.Vpc(),
		VpcSubnets: outward.ServerSubnets(),
		Model:      model,
		Exposure: flue.FlueExposure_ThroughListener(listener, &flue.FlueListenerOptions{
			Conditions: &[]elbv2.ListenerCondition{
				elbv2.ListenerCondition_HostHeaders(jsii.Strings("team-a.example.com")),
				elbv2.ListenerCondition_PathPatterns(jsii.Strings("/agents/*")),
			},
			Priority:    jsii.Number(10),
			IdleTimeout: awscdk.Duration_Minutes(jsii.Number(11)),
			Url:         jsii.String("https://team-a.example.com"),
		}),
		Auth: flue.FlueAuth_Jwt(&flue.FlueJwtAuthOptions{
			Issuer:       jsii.String("https://id.example.com"),
			JwksEndpoint: jsii.String("https://id.example.com/keys"),
			Claims: &[]flue.FlueJwtClaim{
				flue.FlueJwtClaim_SingleString(jsii.String("aud"), jsii.String("agents")),
				flue.FlueJwtClaim_SpaceSeparatedValues(jsii.String("scope"), jsii.String("prompt"), jsii.String("read")),
				flue.FlueJwtClaim_StringArray(jsii.String("roles"), jsii.String("operator")),
			},
		}),
	})

	dashboard := flue.NewFlueDashboard(stack, jsii.String("Dashboard"), &flue.FlueDashboardProps{
		Services: &[]flue.IFlueService{observed, signedIn, withoutDomain}, Database: database, DashboardName: jsii.String("agents"),
	})
	dashboard.AddService(neighbour)

	flue.NewFlueBudget(stack, jsii.String("Budget"), &flue.FlueBudgetProps{
		MonthlyLimit:  jsii.Number(200),
		Emails:        jsii.Strings("team@example.com"),
		Topic:         operators,
		Tags:          &map[string]*string{"team": jsii.String("agents")},
		DenyBedrockTo: &[]iam.IRole{observed.TaskDefinition().TaskRole()},
	})

	deploy := flue.NewFlueDeployRole(stack, jsii.String("Deploy"), &flue.FlueDeployRoleProps{
		Repository:   jsii.String("acme/agents"),
		Branch:       jsii.String("main"),
		Environment:  jsii.String("production"),
		PullRequests: jsii.Bool(false),
		ReadOnly:     jsii.Bool(false),
		Qualifier:    jsii.String("agents"),
	})
	compare := flue.NewFlueDeployRole(stack, jsii.String("Compare"), &flue.FlueDeployRoleProps{
		Repository:   jsii.String("acme/agents"),
		PullRequests: jsii.Bool(true),
		ReadOnly:     jsii.Bool(true),
		Provider:     deploy.Provider(),
	})
	ending := awscdk.NewStack(app, jsii.String("Ending"), nil)
	at := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	flue.NewFlueExpiry(ending, jsii.String("Expiry"), &flue.FlueExpiryProps{At: &at})

	// What a server made, as this language gets it.
	output := func(id string, values ...*string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: awscdk.Fn_Join(jsii.String(" "), &values)})
	}
	output("Subjects", deploy.Subject(), compare.Subject(), deploy.Role().RoleArn())
	output("Urls", observed.Url(), signedIn.Url(), withoutDomain.Url(), neighbour.Url())
	output("Alarms", each(*alarms, func(alarm cloudwatch.Alarm) *string { return alarm.AlarmName() })...)
	output("Queries", each(*queries, func(query logs.QueryDefinition) *string { return query.QueryDefinitionId() })...)
	awscdk.NewCfnOutput(stack, jsii.String("Commands"), &awscdk.CfnOutputProps{
		Value: jsii.String(fmt.Sprintf("%s %s %t", *commands.TailLogs, *commands.Redeploy, commands.OpenShell == nil)),
	})
	endpoints := []string{}
	for service := range *isolated.InterfaceEndpoints() {
		endpoints = append(endpoints, service)
	}
	sort.Strings(endpoints)
	output("Endpoints", *jsii.Strings(endpoints...)...)
	output("LoadBalancerArn", signedIn.LoadBalancer().LoadBalancerArn())
}

func each[Made any](made []Made, name func(Made) *string) []*string {
	names := []*string{}
	for _, one := range made {
		names = append(names, name(one))
	}
	return names
}
