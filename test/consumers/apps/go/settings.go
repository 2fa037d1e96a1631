package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	backup "github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	agentcore "github.com/aws/aws-cdk-go/awscdk/v2/awsbedrockagentcore"
	acm "github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	cloudfront "github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	cloudwatch "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	cognito "github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	ec2 "github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	ecs "github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elbv2 "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	events "github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	kms "github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	logs "github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	rds "github.com/aws/aws-cdk-go/awscdk/v2/awsrds"
	route53 "github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	s3 "github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	scheduler "github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	sm "github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	sns "github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	wafv2 "github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
	flue "github.com/cdk-flue/cdk-flue/cdkflue"
)

// What is left to say of each construct.
func addSettings(app awscdk.App) {
	stack := awscdk.NewStack(app, jsii.String("Settings"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	stored := sm.Secret_FromSecretNameV2(stack, jsii.String("Stored"), jsii.String("agents/stored"))
	token := ecs.Secret_FromSecretsManager(stored, jsii.String("token"))
	bucket := s3.NewBucket(stack, jsii.String("Bucket"), &s3.BucketProps{EnforceSSL: jsii.Bool(true)})
	dataKey := kms.NewKey(stack, jsii.String("DataKey"), &kms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	zone := route53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"),
		&route53.HostedZoneAttributes{HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com")})
	tls := acm.Certificate_FromCertificateArn(stack, jsii.String("Certificate"),
		jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/agents"))
	canary := cloudwatch.Alarm_FromAlarmArn(stack, jsii.String("Canary"),
		jsii.String("arn:aws:cloudwatch:us-east-1:111122223333:alarm:canary"))
	model := flue.FlueModel_Bedrock(jsii.String("eu.anthropic.claude-sonnet-4-6"),
		&flue.FlueBedrockModelOptions{RoutesTo: jsii.Strings("anthropic.claude-sonnet-4-6"), Tags: &map[string]*string{"team": jsii.String("support")}})
	bought := flue.FlueImage_FromRegistry(stack, jsii.String("Bought"), jsii.String("ghcr.io/example/agents:2.0.0"),
		&flue.FlueRegistryImageOptions{
			Port:            jsii.Number(9000),
			CpuArchitecture: ecs.CpuArchitecture_ARM64(),
			CaBundlePath:    jsii.String("/etc/ssl/rds.pem"),
			NodeOptions:     jsii.String("--enable-source-maps"),
			FlueMajor:       jsii.Number(2),
			Credentials:     stored,
		})
	network := flue.NewFlueNetwork(stack, jsii.String("Network"), &flue.FlueNetworkProps{
		Egress: flue.FlueEgress_NatGateways(&flue.FlueNatEgressOptions{
			Count:    jsii.Number(1),
			Provider: ec2.NatProvider_Gateway(&ec2.NatGatewayProps{EipAllocationIds: jsii.Strings("eipalloc-11111111")}),
		}),
		MaxAzs:             jsii.Number(2),
		IpAddresses:        ec2.IpAddresses_Cidr(jsii.String("10.20.0.0/16")),
		FlowLogs:           jsii.Bool(true),
		FlowLogDestination: ec2.FlowLogDestination_ToS3(bucket, nil, nil),
	})
	group := ec2.NewSecurityGroup(stack, jsii.String("Group"), &ec2.SecurityGroupProps{Vpc: network.Vpc()})
	kept, existing, managed := addDatabases(stack, network, group, dataKey, stored, token)

	tuned := flue.NewFlueFargateService(stack, jsii.String("Tuned"), &flue.FlueFargateServiceProps{
		Image:          bought,
		Vpc:            network.Vpc(),
		VpcSubnets:     network.ServerSubnets(),
		SecurityGroups: &[]ec2.ISecurityGroup{group},
		Secrets:        &map[string]ecs.Secret{"API_TOKEN": token},
		Database:       kept,
		Model: flue.FlueModel_Provider(jsii.String("openrouter"), &flue.FlueModelProviderOptions{
			Secret: token, EnvName: jsii.String("ROUTER_KEY"), Model: jsii.String("example/model"),
		}),
		HealthCheckPath:             jsii.String("/live"),
		HealthCheckGracePeriod:      awscdk.Duration_Minutes(jsii.Number(3)),
		LongestRun:                  awscdk.Duration_Minutes(jsii.Number(20)),
		IdleTimeout:                 awscdk.Duration_Minutes(jsii.Number(25)),
		StopTimeout:                 awscdk.Duration_Seconds(jsii.Number(100)),
		LogRetention:                logs.RetentionDays_ONE_YEAR,
		Cpu:                         jsii.Number(1024),
		MemoryLimitMiB:              jsii.Number(4096),
		EphemeralStorage:            awscdk.Size_Gibibytes(jsii.Number(40)),
		MinTasks:                    jsii.Number(1),
		MaxTasks:                    jsii.Number(2),
		TargetCpuUtilizationPercent: jsii.Number(50),
		Cluster:                     ecs.NewCluster(stack, jsii.String("Cluster"), &ecs.ClusterProps{Vpc: network.Vpc()}),
		DeregistrationDelay:         awscdk.Duration_Seconds(jsii.Number(20)),
		RedeployOnSecretChange:      &flue.FlueRedeployOptions{Interval: awscdk.Duration_Minutes(jsii.Number(30))},
		Telemetry: flue.FlueTelemetry_Otlp(&flue.FlueOtlpOptions{
			Endpoint: jsii.String("https://collector.example.com"), Headers: token, ServiceName: jsii.String("tuned"),
		}),
		DomainName:                     jsii.String("tuned.example.com"),
		HostedZone:                     zone,
		SslPolicy:                      elbv2.SslPolicy_TLS13_13,
		AccessLogs:                     jsii.Bool(true),
		AccessLogsBucket:               bucket,
		LoadBalancerDeletionProtection: jsii.Bool(true),
		EnableExecuteCommand:           jsii.Bool(true),
		Deployment: flue.FlueDeployment_Rolling(&flue.FlueRollingDeploymentOptions{
			Alarms: &[]cloudwatch.IAlarm{canary}, DeferredCleanup: jsii.Bool(true),
		}),
	})
	tuned.AddAlarms(&flue.FlueAlarmsOptions{
		MemoryUtilizationPercent: jsii.Number(80), CpuUtilizationPercent: jsii.Number(70), ServerErrorsPerMinute: jsii.Number(10),
	})
	inbox := tuned.AddInbox(&flue.FlueInboxOptions{
		Token:             stored,
		TokenField:        jsii.String("token"),
		PathPrefix:        jsii.String("/inbox"),
		Vpc:               network.Vpc(),
		VpcSubnets:        network.ServerSubnets(),
		SecurityGroups:    &[]ec2.ISecurityGroup{group},
		MaxConcurrency:    jsii.Number(5),
		RetryFor:          awscdk.Duration_Hours(jsii.Number(6)),
		RepeatInterrupted: jsii.Bool(true),
		Topic:             sns.NewTopic(stack, jsii.String("Topic"), &sns.TopicProps{EnforceSSL: jsii.Bool(true)}),
		LogRetention:      logs.RetentionDays_ONE_WEEK,
		LogEncryptionKey:  kms.NewKey(stack, jsii.String("InboxKey"), &kms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
	})
	inbox.AddWebhook(jsii.String("/hooks/fixed"), &flue.FlueWebhookOptions{
		AgentName:      jsii.String("triage"),
		ConversationId: jsii.String("hooks"),
		Verify: flue.FlueWebhookVerifier_Hmac(&flue.FlueHmacOptions{
			Secret:          stored,
			Header:          jsii.String("X-Signature"),
			Prefix:          jsii.String("sha256="),
			TimestampHeader: jsii.String("X-Timestamp"),
			IdField:         jsii.String("event.id"),
		}),
	})
	inbox.AddWebhook(jsii.String("/hooks/slack"), &flue.FlueWebhookOptions{
		AgentName: jsii.String("triage"), ConversationField: jsii.String("event.channel"), Verify: flue.FlueWebhookVerifier_Slack(stored),
	})
	inbox.AddEventPattern(jsii.String("Orders"), &flue.FlueEventPatternOptions{
		EventPattern:      &events.EventPattern{Source: jsii.Strings("acme.orders"), DetailType: jsii.Strings("created")},
		AgentName:         jsii.String("clerk"),
		ConversationField: jsii.String("detail.customer"),
		EventBus:          events.EventBus_FromEventBusName(stack, jsii.String("Bus"), jsii.String("orders")),
		Description:       jsii.String("Orders that were created"),
		Enabled:           jsii.Bool(true),
	})
	inbox.AddEventPattern(jsii.String("Health"), &flue.FlueEventPatternOptions{
		EventPattern:   &events.EventPattern{Source: jsii.Strings("aws.health")},
		AgentName:      jsii.String("operator"),
		ConversationId: jsii.String("health"),
	})
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	end := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	inbox.AddSchedule(jsii.String("Nightly"), &flue.FlueScheduleOptions{
		Schedule: scheduler.ScheduleExpression_Cron(&scheduler.CronOptionsWithTimezone{
			Hour: jsii.String("3"), Minute: jsii.String("0"), TimeZone: awscdk.TimeZone_EUROPE_BERLIN(),
		}),
		Target: flue.FlueEventTarget_Agent(jsii.String("assistant"), &flue.FlueAgentEventOptions{
			Message: jsii.String("Write the report of the day."), ConversationId: jsii.String("nightly"),
		}),
		Description: jsii.String("The report of the day"),
		Enabled:     jsii.Bool(false),
		Start:       &start,
		End:         &end,
		TimeWindow:  scheduler.TimeWindow_Flexible(awscdk.Duration_Minutes(jsii.Number(15))),
	})

	fleet := flue.NewFlueShardedService(stack, jsii.String("Fleet"), &flue.FlueShardedServiceProps{
		Image:       bought,
		Vpc:         network.Vpc(),
		Database:    managed,
		Model:       model,
		Certificate: tls,
		Shards:      jsii.Number(4),
		ShardKey:    flue.FlueShardKey_LastCharacter(),
		AgentPaths:  jsii.Strings("/agents/*/", "/team-a/agents/*/"),
		HomePaths:   jsii.Strings("/slack/*"),
	})
	fleet.AddAlarms(nil)

	flue.NewFlueExpressService(stack, jsii.String("Managed"), &flue.FlueExpressServiceProps{
		Image:    bought,
		Vpc:      network.Vpc(),
		Model:    model,
		Database: existing,
		TaskRole: iam.NewRole(stack, jsii.String("Tasks"),
			&iam.RoleProps{AssumedBy: iam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)}),
		ExecutionRole: iam.NewRole(stack, jsii.String("Execution"),
			&iam.RoleProps{AssumedBy: iam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)}),
		LogGroup: logs.NewLogGroup(stack, jsii.String("ManagedLogs"), &logs.LogGroupProps{Retention: logs.RetentionDays_ONE_WEEK}),
		InfrastructureRole: iam.NewRole(stack, jsii.String("Infrastructure"),
			&iam.RoleProps{AssumedBy: iam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil)}),
		Telemetry: flue.FlueTelemetry_Adot(&flue.FlueAdotOptions{
			Config:      token,
			Image:       ecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/example/collector:1.0.0"), nil),
			ServiceName: jsii.String("managed"),
		}),
	})

	flue.NewFlueEc2Service(stack, jsii.String("Box"), &flue.FlueEc2ServiceProps{
		Image: bought,
		Vpc:   network.Vpc(),
		Model: model,
		Role: iam.NewRole(stack, jsii.String("BoxRole"),
			&iam.RoleProps{AssumedBy: iam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil)}),
		InstanceType: ec2.NewInstanceType(jsii.String("t4g.medium")),
		MachineImage: ec2.MachineImage_LatestAmazonLinux2023(
			&ec2.AmazonLinux2023ImageSsmParameterProps{CpuType: ec2.AmazonLinuxCpuType_ARM_64}),
		DomainName:              jsii.String("box.example.com"),
		HostedZone:              zone,
		Exposure:                flue.FlueExposure_ToPeers(ec2.Peer_Ipv4(jsii.String("203.0.113.0/24"))),
		DataVolumeSize:          awscdk.Size_Gibibytes(jsii.Number(20)),
		DataVolumeEncryptionKey: dataKey,
		DataVolumeSnapshot:      jsii.String("snap-0123456789abcdef0"),
		DataVolumeBackups:       awscdk.Duration_Days(jsii.Number(14)),
		RootVolumeSize:          awscdk.Size_Gibibytes(jsii.Number(30)),
		ReadonlyRootFilesystem:  jsii.Bool(true),
		TerminationProtection:   jsii.Bool(true),
		InstanceRoleAccess:      jsii.Bool(true),
		DetailedMonitoring:      jsii.Bool(true),
	})
	left := ec2.Volume_FromVolumeAttributes(stack, jsii.String("Left"), &ec2.VolumeAttributes{
		VolumeId:         jsii.String("vol-0123456789abcdef0"),
		AvailabilityZone: jsii.String("us-east-1a"),
	})
	flue.NewFlueEc2Service(stack, jsii.String("Returned"), &flue.FlueEc2ServiceProps{
		Image:      bought,
		Vpc:        network.Vpc(),
		VpcSubnets: &ec2.SubnetSelection{Subnets: &[]ec2.ISubnet{(*network.Vpc().PublicSubnets())[0]}},
		Model:      model,
		DataVolume: left,
	})

	flue.NewFlueFargateService(stack, jsii.String("Members"), &flue.FlueFargateServiceProps{
		Image:       bought,
		Vpc:         network.Vpc(),
		Model:       model,
		Certificate: tls,
		Auth: flue.FlueAuth_Cognito(&flue.FlueCognitoAuthOptions{
			UserPool:       cognito.UserPool_FromUserPoolId(stack, jsii.String("Users"), jsii.String("us-east-1_agents")),
			UserPoolClient: cognito.UserPoolClient_FromUserPoolClientId(stack, jsii.String("Client"), jsii.String("agents")),
			UserPoolDomain: cognito.UserPoolDomain_FromDomainName(stack, jsii.String("Domain"), jsii.String("agents")),
		}),
	})

	worldwide := wafv2.NewCfnWebACL(stack, jsii.String("Worldwide"), &wafv2.CfnWebACLProps{
		Scope:         jsii.String("CLOUDFRONT"),
		DefaultAction: &wafv2.CfnWebACL_DefaultActionProperty{Allow: &wafv2.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: &wafv2.CfnWebACL_VisibilityConfigProperty{
			MetricName:               jsii.String("Worldwide"),
			CloudWatchMetricsEnabled: jsii.Bool(true),
			SampledRequestsEnabled:   jsii.Bool(true),
		},
	})
	flue.NewFlueFargateService(stack, jsii.String("Distributed"), &flue.FlueFargateServiceProps{
		Image:      bought,
		Vpc:        network.Vpc(),
		Model:      model,
		DomainName: jsii.String("agents.example.com"),
		HostedZone: zone,
		Exposure: flue.FlueExposure_CloudFront(&flue.FlueCloudFrontOptions{
			ReadTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
			Certificate: tls,
			WebAcl:      worldwide,
			PriceClass:  cloudfront.PriceClass_PRICE_CLASS_ALL,
			PrefixList:  ec2.PrefixList_FromPrefixListId(stack, jsii.String("List"), jsii.String("pl-11111111")),
		}),
	})
}

func addDatabases(
	stack awscdk.Stack, network flue.FlueNetwork, group ec2.ISecurityGroup, key kms.IKey, stored sm.ISecret, token ecs.Secret,
) (flue.IFlueDatabase, flue.IFlueDatabase, flue.IFlueSchemaHost) {
	kept := flue.NewFlueDatabase(stack, jsii.String("Kept"), &flue.FlueDatabaseProps{
		Vpc:        network.Vpc(),
		VpcSubnets: &ec2.SubnetSelection{SubnetType: ec2.SubnetType_PRIVATE_ISOLATED},
		Engine: flue.FlueDatabaseEngine_Postgres(&flue.FluePostgresOptions{
			Version:                  rds.PostgresEngineVersion_VER_17(),
			InstanceType:             ec2.NewInstanceType(jsii.String("t4g.small")),
			MultiAz:                  jsii.Bool(true),
			AllocatedStorage:         awscdk.Size_Gibibytes(jsii.Number(40)),
			MaxAllocatedStorage:      awscdk.Size_Gibibytes(jsii.Number(80)),
			AllowMajorVersionUpgrade: jsii.Bool(true),
		}),
		DatabaseName:               jsii.String("talk"),
		Port:                       jsii.Number(6543),
		Credentials:                stored,
		SecurityGroups:             &[]ec2.ISecurityGroup{group},
		RemovalPolicy:              awscdk.RemovalPolicy_RETAIN,
		DeletionProtection:         jsii.Bool(true),
		BackupRetention:            awscdk.Duration_Days(jsii.Number(14)),
		PreferredBackupWindow:      jsii.String("03:00-03:30"),
		PreferredMaintenanceWindow: jsii.String("sun:04:00-sun:04:30"),
		AutoMinorVersionUpgrade:    jsii.Bool(false),
		EncryptionKey:              key,
		IamAuthentication:          jsii.Bool(true),
		Parameters:                 &map[string]*string{"log_min_duration_statement": jsii.String("500")},
		MonitoringInterval:         awscdk.Duration_Minutes(jsii.Number(1)),
		EnablePerformanceInsights:  jsii.Bool(true),
		CloudwatchLogsRetention:    logs.RetentionDays_ONE_WEEK,
	})
	flue.NewFlueDatabase(stack, jsii.String("Serverless"), &flue.FlueDatabaseProps{
		Vpc: network.Vpc(),
		Engine: flue.FlueDatabaseEngine_AuroraServerless(&flue.FlueAuroraServerlessOptions{
			Version:     rds.AuroraPostgresEngineVersion_VER_16_13(),
			MinCapacity: jsii.Number(1),
			MaxCapacity: jsii.Number(8.5),
			Readers:     jsii.Number(1),
		}),
		Rotation: &flue.FlueRotationOptions{
			AutomaticallyAfter: awscdk.Duration_Days(jsii.Number(7)),
			VpcSubnets:         &ec2.SubnetSelection{SubnetType: ec2.SubnetType_PRIVATE_ISOLATED},
			CreateEndpoint:     jsii.Bool(true),
		},
		Snapshot: jsii.String("before-upgrade"),
	})
	volume := ec2.Volume_FromVolumeAttributes(stack, jsii.String("Volume"), &ec2.VolumeAttributes{
		VolumeId:         jsii.String("vol-0123456789abcdef1"),
		AvailabilityZone: jsii.String("us-east-1a"),
	})
	flue.NewFlueBackups(stack, jsii.String("Backups"), &flue.FlueBackupsProps{
		Databases: &[]flue.FlueDatabase{kept},
		Volumes:   &[]ec2.IVolume{volume},
		Retention: awscdk.Duration_Days(jsii.Number(14)),
		Schedule:  events.Schedule_Cron(&events.CronOptions{Hour: jsii.String("3"), Minute: jsii.String("30")}),
		Vault:     backup.BackupVault_FromBackupVaultName(stack, jsii.String("Vault"), jsii.String("agents")),
	})
	sandboxImage := ecs.ContainerImage_FromRegistry(jsii.String("111122223333.dkr.ecr.us-east-1.amazonaws.com/sandbox:1"), nil)
	endpoint := func(id, endpointId string) ec2.IInterfaceVpcEndpoint {
		return ec2.InterfaceVpcEndpoint_FromInterfaceVpcEndpointAttributes(stack, jsii.String(id), &ec2.InterfaceVpcEndpointAttributes{
			VpcEndpointId:  jsii.String(endpointId),
			Port:           jsii.Number(443),
			SecurityGroups: &[]ec2.ISecurityGroup{group},
		})
	}
	flue.NewFlueSandboxes(stack, jsii.String("Sandboxes"), &flue.FlueSandboxesProps{
		Vpc: network.Vpc(),
		Sandbox: flue.FlueSandbox_Fargate(&flue.FlueFargateSandboxOptions{
			VpcSubnets:       &ec2.SubnetSelection{SubnetType: ec2.SubnetType_PRIVATE_ISOLATED},
			Image:            sandboxImage,
			CpuArchitecture:  ecs.CpuArchitecture_ARM64(),
			Cpu:              jsii.Number(1024),
			MemoryLimitMiB:   jsii.Number(2048),
			EphemeralStorage: awscdk.Size_Gibibytes(jsii.Number(30)),
			Cluster:          ecs.NewCluster(stack, jsii.String("SandboxCluster"), &ecs.ClusterProps{Vpc: network.Vpc()}),
			Endpoints: &flue.FlueSandboxEndpointOptions{
				EcrApi:       endpoint("EcrApi", "vpce-11111111"),
				EcrDocker:    endpoint("EcrDocker", "vpce-22222222"),
				Logs:         endpoint("Logs", "vpce-33333333"),
				S3:           ec2.GatewayVpcEndpoint_FromGatewayVpcEndpointId(stack, jsii.String("S3"), jsii.String("vpce-44444444")),
				S3PrefixList: ec2.PrefixList_FromPrefixListId(stack, jsii.String("S3List"), jsii.String("pl-22222222")),
			},
			Egress: flue.FlueSandboxEgress_Proxy(&flue.FlueSandboxProxyOptions{
				Proxy: group,
				Host:  jsii.String("proxy.example.com"),
				Port:  jsii.Number(8888),
			}),
			AllowedDomains:   jsii.Strings("api.anthropic.com", "*.example.com"),
			Topic:            sns.NewTopic(stack, jsii.String("SandboxTopic"), &sns.TopicProps{EnforceSSL: jsii.Bool(true)}),
			LogRetention:     logs.RetentionDays_ONE_WEEK,
			LogEncryptionKey: key,
		}),
		MaxLifetime:   awscdk.Duration_Minutes(jsii.Number(30)),
		IdleTimeout:   awscdk.Duration_Minutes(jsii.Number(5)),
		MaxConcurrent: jsii.Number(20),
	})
	flue.NewFlueSandboxes(stack, jsii.String("OtherSandboxes"), &flue.FlueSandboxesProps{
		Vpc: network.Vpc(),
		Sandbox: flue.FlueSandbox_Fargate(&flue.FlueFargateSandboxOptions{
			Image: sandboxImage,
			Egress: flue.FlueSandboxEgress_VpcEndpoints(&flue.FlueSandboxVpcEndpointOptions{
				Services: &map[string]ec2.IInterfaceVpcEndpointService{
					"mirror": ec2.NewInterfaceVpcEndpointService(jsii.String("com.amazonaws.vpce.us-east-1.vpce-svc-11111111"), jsii.Number(443)),
				},
				Endpoints: &[]ec2.IInterfaceVpcEndpoint{endpoint("Packages", "vpce-55555555")},
			}),
			LogGroup: logs.NewLogGroup(stack, jsii.String("SandboxLogs"), &logs.LogGroupProps{Retention: logs.RetentionDays_ONE_WEEK}),
		}),
	})
	flue.NewFlueSandboxes(stack, jsii.String("Interpreter"), &flue.FlueSandboxesProps{
		Vpc: network.Vpc(),
		Sandbox: flue.FlueSandbox_CodeInterpreter(&flue.FlueCodeInterpreterSandboxOptions{
			NetworkConfiguration: agentcore.CodeInterpreterNetworkConfiguration_UsingPublicNetwork(),
		}),
	})
	existing := flue.FlueDatabase_FromUrlSecret(stack, jsii.String("Existing"), &flue.FlueDatabaseFromUrlSecretOptions{
		Url:                 token,
		Vpc:                 network.Vpc(),
		SecurityGroups:      &[]ec2.ISecurityGroup{group},
		Port:                jsii.Number(5433),
		UsesRdsCertificates: jsii.Bool(false),
	})
	managed := flue.FlueDatabase_FromAdministratorSecret(stack, jsii.String("ManagedDatabase"), &flue.FlueDatabaseFromAdministratorSecretOptions{
		Administrator: stored,
		Host:          jsii.String("db.example.com"),
		DatabaseName:  jsii.String("app"),
		EncryptionKey: key,
		Vpc:           network.Vpc(),
	})
	managed.AddSchema(jsii.String("Support"), &flue.FlueSchemaOptions{
		SchemaName:    jsii.String("talk"),
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	flue.NewFlueSchemaCleanup(stack, jsii.String("SchemaCleanup"), &flue.FlueSchemaCleanupProps{
		Database:         managed,
		VpcSubnets:       network.ServerSubnets(),
		Cluster:          ecs.NewCluster(stack, jsii.String("CleanupCluster"), &ecs.ClusterProps{Vpc: network.Vpc()}),
		LogRetention:     logs.RetentionDays_ONE_WEEK,
		LogEncryptionKey: key,
	})
	flue.NewFlueSchemaCleanup(stack, jsii.String("OtherSchemaCleanup"), &flue.FlueSchemaCleanupProps{
		Database: managed,
		LogGroup: logs.NewLogGroup(stack, jsii.String("CleanupLogs"), &logs.LogGroupProps{Retention: logs.RetentionDays_ONE_WEEK}),
	})
	return kept.AddSchema(jsii.String("Tuned"), nil), existing, managed
}
