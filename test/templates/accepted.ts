/**
 * Findings of the judges that stay, one entry a reason.
 *
 * docs/findings.md is generated from this list; an entry that no finding needs any more fails the run.
 */
export interface Accepted {
  readonly judge: string;
  /** Rules that one reason answers. */
  readonly rules: string[];
  /** Resource types it holds for; all when left out. */
  readonly types?: string[];
  /** Templates it holds for; all when left out. */
  readonly templates?: RegExp;
  readonly reason: string;
}

/** Templates in which a snapshot test chooses on purpose what its props allow. */
const MAXIMAL = /maximal/;
/** Templates with a bucket that the library makes for access logs. */
const ACCESS_LOGS = /^(listener|cloud-front)-.*maximal/;
/** Templates with a bucket that stands for what a team brings. */
const BUCKET_OF_TEST = /^flue-fargate-service-.*maximal/;
const CLOUDFRONT_NAME = 'Without a domain clients use the name of the distribution: CloudFront itself holds that certificate and sets its protocols. With a domain the distribution has its certificate and TLS 1.2 at least.';
const WEBHOOK_LOGS = 'The route of a webhook is a function, which logs what it accepts, and what it refuses for its signature.';
const WEBHOOK_SIGNATURE = 'A sender signs the body, which no authorizer sees: the function behind the route checks the signature.';
const OWN_OF_TEST = 'A resource of the snapshot test, not of the library: it stands for what a team brings, and shows only how it is passed on.';

export const ACCEPTED: Accepted[] = [
  {
    judge: 'cfn-lint',
    rules: ['W3005'],
    reason: 'aws-cdk-lib states a dependency both as DependsOn and as a reference; both say the same.',
  },
  {
    judge: 'cfn-lint',
    rules: ['W3010'],
    types: ['AWS::EC2::Subnet'],
    templates: /snapshots|^example-fluefoundation/,
    reason: 'The placeholder zones of a stack whose account is known and whose context is empty; a lookup or Fn::GetAZs stands there in an app.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_149'],
    reason: 'Secrets are encrypted with the key of AWS for Secrets Manager; a key of your own costs 1 USD a month and is `encryptionKey` of the database.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_158'],
    reason: 'CloudWatch encrypts log groups by itself; a key of your own needs a key policy for the logs service.',
  },
  {
    judge: 'cfn-guard',
    rules: ['cloudwatch_log_group_encrypted_check'],
    reason: 'CloudWatch encrypts log groups by itself; a key of your own needs a key policy for the logs service.',
  },
  {
    judge: 'cfn-guard',
    rules: ['step_functions_state_machine_tracing_enabled_check'],
    types: ['AWS::StepFunctions::StateMachine'],
    reason: 'It makes a few calls each time, and its log names each of them. A trace would add nothing but a permission on every resource.',
  },
  {
    judge: 'cfn-guard',
    rules: ['cloudwatch_log_group_retention_period_check'],
    reason: 'The rule wants a year. Logs of an agent hold what its users wrote, so the default is a month; `logRetention` sets another time.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_118'],
    reason: 'Enhanced monitoring of the database costs and is off by default; `monitoringInterval` turns it on.',
  },
  {
    judge: 'cfn-guard',
    rules: ['rds_instance_enhanced_monitoring_enabled_check'],
    reason: 'Enhanced monitoring of the database costs and is off by default; `monitoringInterval` turns it on.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_157'],
    reason: 'A standby doubles the price of the database; `multiAz` is one property away, and one server is one zone anyway.',
  },
  {
    judge: 'cfn-guard',
    rules: ['rds_instance_multi_az_support_check'],
    reason: 'A standby doubles the price of the database; `multiAz` is one property away, and one server is one zone anyway.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_161', 'CKV_AWS_162'],
    reason: 'Flue connects with a URL that must stay true for the life of the process; a token of IAM is valid for 15 minutes.',
  },
  {
    judge: 'cfn-guard',
    rules: ['rds_instance_iam_authentication_enabled_check', 'rds_cluster_iam_authentication_enabled_check'],
    reason: 'Flue connects with a URL that must stay true for the life of the process; a token of IAM is valid for 15 minutes.',
  },
  {
    judge: 'cfn-guard',
    rules: ['rds_storage_encrypted_kms_key_check'],
    reason: 'Storage is encrypted with the key of AWS for RDS; `encryptionKey` takes one of your own.',
  },
  {
    judge: 'cfn-guard',
    rules: ['rds_instance_no_default_ports_check'],
    reason: 'Another port hides nothing: only the security groups of the services reach the database.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_116', 'CKV_AWS_117', 'CKV_AWS_115'],
    types: ['AWS::Lambda::Function'],
    reason: 'Functions of custom resources: CloudFormation calls them during a deployment, waits for the answer and reports a failure itself. Of an inbox: SQS and API Gateway wait for the answer, the function of a webhook calls only public endpoints of AWS, and a reserve would be taken from the other functions of the account.',
  },
  {
    judge: 'cfn-guard',
    rules: ['lambda_inside_vpc_check'],
    types: ['AWS::Lambda::Function'],
    reason: 'Functions of custom resources and of webhooks: they call only the public endpoints of AWS, and CloudFormation during a deployment.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_111'],
    types: ['AWS::IAM::Policy'],
    reason: 'ECS Exec, when it is turned on: the actions of ssmmessages know no resource.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_260'],
    types: ['AWS::EC2::SecurityGroup'],
    reason: 'Without a certificate the load balancer answers on port 80, which is a warning with an id and needs `exposure`; with one, port 80 only redirects.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_2', 'CKV_AWS_103'],
    types: ['AWS::ElasticLoadBalancingV2::Listener'],
    reason: 'Without a certificate there is no HTTPS listener; the construct warns with an id. With `certificate` or a domain the listener is HTTPS with TLS 1.2 at least.',
  },
  {
    judge: 'cfn-guard',
    rules: ['alb_http_to_https_redirection_check'],
    types: ['AWS::ElasticLoadBalancingV2::Listener'],
    reason: 'Without a certificate there is nothing to redirect to; the construct warns with an id. With one, HTTP redirects.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_91'],
    reason: 'Access logs need a bucket and its price; `accessLogs` turns them on.',
  },
  {
    judge: 'cfn-guard',
    rules: ['elbv2_logging_enabled_check'],
    reason: 'Access logs need a bucket and its price; `accessLogs` turns them on.',
  },
  {
    judge: 'cfn-guard',
    rules: ['elbv2_deletion_protection_enabled_check'],
    reason: 'The load balancer holds no data, and a protected one makes a stack that cannot be deleted; set it on `loadBalancer`, which is exposed.',
  },
  {
    judge: 'cfn-guard',
    rules: ['subnet_auto_assign_public_ip_disabled_check'],
    types: ['AWS::EC2::Subnet'],
    reason: 'Public subnets of a VPC without NAT: a task there needs a public address to reach its model, and admits only the load balancer. Private subnets are used when the VPC has any.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ecs_service_assign_public_ip_disabled_check'],
    types: ['AWS::ECS::Service'],
    reason: 'Public subnets of a VPC without NAT: a task there needs a public address to reach its model, and admits only the load balancer. Private subnets are used when the VPC has any.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ec2_launch_template_public_ip_disabled_check'],
    types: ['AWS::EC2::LaunchTemplate'],
    reason: 'The box has an address of its own, which clients know it by; its security group admits only the peers given, and no SSH.',
  },
  {
    judge: 'checkov',
    rules: ['CKV_AWS_88'],
    types: ['AWS::EC2::LaunchTemplate'],
    reason: 'The box has an address of its own, which clients know it by; its security group admits only the peers given, and no SSH.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ec2_launch_template_token_hop_limit_check'],
    types: ['AWS::EC2::LaunchTemplate'],
    reason: 'The bridge of docker is a hop: with a limit of 1 a server in a container could not use its role. Without a container the limit is 1.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ec2_launch_template_monitoring_enabled_check'],
    types: ['AWS::EC2::LaunchTemplate'],
    reason: 'Detailed monitoring costs and is off by default; `detailedMonitoring` turns it on.',
  },
  {
    judge: 'cfn-guard',
    rules: ['autoscaling_multiple_az_check', 'autoscaling_mixed_instances_policy_multiple_instance_types_check'],
    types: ['AWS::AutoScaling::AutoScalingGroup'],
    reason: 'The group keeps one box, where its data volume is: in one zone, of one type.',
  },
  {
    judge: 'cfn-lint',
    rules: ['W3010'],
    types: ['AWS::EC2::Volume', 'AWS::EC2::Subnet'],
    templates: /snapshots|^(code-interpreter|event-pattern|flue-inbox|flue-sandbox-egress|flue-sandboxes|webhook)-/,
    reason: 'A placeholder zone of a test whose account is known and whose context is empty; in an app, the zones of the account stand there.',
  },
  {
    judge: 'aws-cdk-lib',
    rules: ['W3010'],
    types: ['AWS::EC2::Subnet'],
    templates: /^(code-interpreter|flue-sandbox-egress|flue-sandboxes)-/,
    reason: 'A placeholder zone of a test whose account is known and whose context is empty; in an app, the zones of the account stand there.',
  },
  {
    judge: 'checkov',
    templates: MAXIMAL,
    types: ['AWS::KMS::Key'],
    rules: ['CKV_AWS_7'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'cfn-guard',
    templates: MAXIMAL,
    types: ['AWS::KMS::Key', ''],
    rules: ['kms_key_rotation_enabled_check', 'kms_create_grant_aws_service_check'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'cfn-guard',
    rules: ['ecs_task_definition_nonroot_user_check'],
    types: ['AWS::ECS::TaskDefinition'],
    reason: 'The image names its user (ours: node), and FlueImage warns of one that runs as root.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ecs_containers_readonly_access_check'],
    types: ['AWS::ECS::TaskDefinition'],
    reason: 'Agents write to a workspace of their own unless the app gives them another; a read-only root would break an app that does not know.',
  },
  {
    judge: 'cfn-guard',
    rules: ['ecs_task_definition_memory_hard_limit_check'],
    types: ['AWS::ECS::TaskDefinition'],
    reason: 'A task of one container: the memory of the task, which Fargate enforces, is the limit of the container.',
  },
  {
    judge: 'cfn-guard',
    templates: MAXIMAL,
    types: ['AWS::ECS::Cluster'],
    rules: ['ecs_container_insights_enabled_check'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'checkov',
    templates: MAXIMAL,
    types: ['AWS::ECS::Cluster'],
    rules: ['CKV_AWS_65'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'checkov',
    templates: BUCKET_OF_TEST,
    types: ['AWS::S3::Bucket'],
    rules: ['CKV_AWS_18', 'CKV_AWS_21', 'CKV_AWS_53', 'CKV_AWS_54', 'CKV_AWS_55', 'CKV_AWS_56'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'cfn-guard',
    templates: BUCKET_OF_TEST,
    types: ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
    rules: [
      's3_bucket_level_public_access_prohibited_check', 's3_bucket_default_encryption_kms_check', 's3_bucket_versioning_enabled_check', 's3_bucket_logging_enabled_check',
      's3_version_lifecycle_policy_check', 's3_event_notifications_enabled_check', 's3_bucket_acl_prohibited_check', 's3_lifecycle_policy_check',
      's3_bucket_policy_ssl_requests_only_check', 's3_bucket_object_lock_enabled_check',
    ],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'cfn-guard',
    templates: MAXIMAL,
    types: ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'],
    rules: ['rds_cluster_deletion_protection_enabled_check', 'rds_instance_deletion_protection_enabled_check', 'rds_instance_automatic_minor_version_upgrade_enabled_check'],
    reason: 'The snapshot test turns every option away from its default; by default the database is protected and takes minor versions.',
  },
  {
    judge: 'checkov',
    templates: ACCESS_LOGS,
    types: ['AWS::S3::Bucket'],
    rules: ['CKV_AWS_18', 'CKV_AWS_21'],
    reason: 'The bucket of the access logs: logs of logs would have no end, and nobody overwrites a log. `accessLogsBucket` takes one of your own.',
  },
  {
    judge: 'cfn-guard',
    templates: ACCESS_LOGS,
    types: ['AWS::S3::Bucket'],
    rules: [
      's3_bucket_default_encryption_kms_check', 's3_bucket_versioning_enabled_check', 's3_bucket_logging_enabled_check', 's3_event_notifications_enabled_check',
      's3_bucket_object_lock_enabled_check',
    ],
    reason: 'The bucket of the access logs: a load balancer writes to none with a key of KMS, logs of logs would have no end, and nobody overwrites a log. `accessLogsBucket` takes one of your own.',
  },
  {
    judge: 'cfn-guard',
    templates: MAXIMAL,
    types: ['AWS::WAFv2::WebACL'],
    rules: ['wafv2_webacl_not_empty_check'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'checkov',
    templates: MAXIMAL,
    types: ['AWS::WAFv2::WebACL'],
    rules: ['CKV_AWS_192'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'cfn-lint',
    types: ['AWS::Cognito::UserPool', 'AWS::Cognito::UserPoolClient', 'AWS::Cognito::UserPoolDomain'],
    templates: /^example-flueagents/,
    rules: ['E3006'],
    reason: 'The judges read every template for China, too, where Amazon Cognito has no user pools; the example signs in with one in us-east-1, elsewhere `FlueAuth.oidc()` takes any provider.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::KMS::Key', ''],
    templates: /^example-flue(agents|foundation)/,
    rules: ['kms_create_grant_aws_service_check'],
    reason: 'The policy of a key of CDK leaves grants to IAM, as the console does; nothing in the example may create one but the services that encrypt.',
  },
  {
    judge: 'cfn-lint',
    types: ['AWS::Budgets::Budget', 'AWS::Budgets::BudgetsAction'],
    rules: ['E3006'],
    reason: 'The judges read every template for GovCloud, too, where AWS Budgets is not; `FlueBudget` is for other regions.',
  },
  {
    judge: 'cfn-lint',
    types: ['AWS::RDS::DBCluster'],
    templates: /from-a-snapshot/,
    rules: ['E3021'],
    reason: 'A cluster that begins with a snapshot has the user name of that one; only its password is new.',
  },
  {
    judge: 'aws-cdk-lib',
    types: ['AWS::RDS::DBCluster'],
    templates: /from-a-snapshot/,
    rules: ['F3021'],
    reason: 'A cluster that begins with a snapshot has the user name of that one; only its password is new.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::RDS::DBInstance'],
    templates: /from-a-snapshot/,
    rules: ['rds_instance_storage_encrypted_check'],
    reason: 'A database that begins with a snapshot is encrypted as the snapshot is; RDS takes no other setting.',
  },
  {
    judge: 'checkov',
    types: ['AWS::RDS::DBInstance'],
    templates: /from-a-snapshot/,
    rules: ['CKV_AWS_16'],
    reason: 'A database that begins with a snapshot is encrypted as the snapshot is; RDS takes no other setting.',
  },
  {
    judge: 'checkov',
    types: ['AWS::Backup::BackupVault'],
    rules: ['CKV_AWS_166'],
    reason: 'AWS Backup encrypts the vault with its own key of the account; a copy of a volume keeps the key of the volume. `vault` takes one with a key of yours.',
  },
  {
    judge: 'cfn-lint',
    types: ['AWS::CloudFront::Distribution', 'AWS::CloudFront::Function', 'AWS::CloudFront::VpcOrigin'],
    rules: ['E3006'],
    reason: 'The judges read every template for GovCloud and China, too, where CloudFront or its VPC origins are not; `FlueExposure.cloudFront()` is for other regions.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['cloudfront_default_root_object_configured_check', 'cloudfront_origin_failover_enabled_check'],
    reason: 'The distribution stands before one server, which answers every path itself.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['cloudfront_access_logs_enabled_check'],
    reason: 'Nothing is cached: with `accessLogs` the load balancer logs every request that passes.',
  },
  {
    judge: 'checkov',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['CKV_AWS_86'],
    reason: 'Nothing is cached: with `accessLogs` the load balancer logs every request that passes.',
  },
  {
    judge: 'checkov',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['CKV_AWS_68'],
    reason: 'WAF is billed by itself and knows no callers; `webAcl` of the exposure puts one in front.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['cloudfront_custom_ssl_certificate_check', 'cloudfront_sni_enabled_check', 'cloudfront_security_policy_check'],
    reason: CLOUDFRONT_NAME,
  },
  {
    judge: 'checkov',
    types: ['AWS::CloudFront::Distribution'],
    rules: ['CKV_AWS_174'],
    reason: CLOUDFRONT_NAME,
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::ApiGatewayV2::Stage'],
    rules: ['api_gw_v2_access_logs_enabled_check'],
    reason: WEBHOOK_LOGS,
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::ApiGatewayV2::Route'],
    rules: ['api_gw_v2_authorization_type_configured_check'],
    reason: WEBHOOK_SIGNATURE,
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::Lambda::Permission'],
    rules: ['lambda_function_public_access_prohibited_check'],
    reason: 'The permission of a webhook is for API Gateway alone, and its SourceArn names the one route of the one API.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::SQS::Queue'],
    rules: ['sqs_dlq_check'],
    reason: 'The dead letters and the undelivered are where events end; an alarm watches each.',
  },
  {
    judge: 'checkov',
    types: ['AWS::ApiGatewayV2::Stage'],
    rules: ['CKV_AWS_95'],
    reason: WEBHOOK_LOGS,
  },
  {
    judge: 'checkov',
    types: ['AWS::SQS::Queue'],
    rules: ['CKV_AWS_27'],
    reason: 'Amazon SQS encrypts the queues with a key of its own; the rule wants one of KMS.',
  },
  {
    judge: 'checkov',
    types: ['AWS::Lambda::Function'],
    rules: ['CKV_AWS_173'],
    reason: 'The variables of an inbox are names, settings and ARNs, and AWS Lambda encrypts them; the function reads each secret itself.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::CloudWatch::Alarm'],
    templates: /^(event-pattern|flue-inbox|webhook)-/,
    rules: ['cloudwatch_alarm_action_check'],
    reason: 'Without `topic` the alarms of an inbox tell no one, and the inbox warns with an id: who shall be told is for a team to say.',
  },
  {
    judge: 'cfn-lint',
    types: ['AWS::Bedrock::ApplicationInferenceProfile'],
    rules: ['E3006'],
    reason: 'The judges read every template for GovCloud and China, too, where these profiles are not; `tags` of `FlueModel.bedrock` is for other regions.',
  },
  {
    judge: 'checkov',
    types: ['AWS::SNS::Topic'],
    templates: /^flue-inbox-.*maximal/,
    rules: ['CKV_AWS_26'],
    reason: OWN_OF_TEST,
  },
  {
    judge: 'checkov',
    types: ['AWS::SNS::Topic'],
    templates: /^example-flueevents$/,
    rules: ['CKV_AWS_26'],
    reason: 'The notices of the example name an alarm and hold no prompts; `production` has a topic with a key of its own.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::CloudWatch::Alarm'],
    templates: /^flue-sandbox(es|-egress)-/,
    rules: ['cloudwatch_alarm_action_check'],
    reason: 'Without `topic` the alarm of a pool tells no one, and the pool warns with an id: who shall be told is for a team to say.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::ECS::Cluster'],
    templates: /^(flue-sandbox(es|-egress)-|example-flueagents$)/,
    rules: ['ecs_container_insights_enabled_check'],
    reason: 'Container Insights counts each task, and a pool starts one for each session; the reaper counts those that run. Pass a `cluster` of your own to have it.',
  },
  {
    judge: 'checkov',
    types: ['AWS::ECS::Cluster'],
    templates: /^(flue-sandbox(es|-egress)-|example-flueagents$)/,
    rules: ['CKV_AWS_65'],
    reason: 'Container Insights counts each task, and a pool starts one for each session; the reaper counts those that run. Pass a `cluster` of your own to have it.',
  },
  {
    judge: 'cfn-guard',
    types: ['AWS::ECS::Cluster'],
    templates: /^flue-schema-cleanup-/,
    rules: ['ecs_container_insights_enabled_check'],
    reason: 'A task runs there after a stack is deleted, and ends. Pass a `cluster` of your own to have Container Insights.',
  },
  {
    judge: 'checkov',
    types: ['AWS::ECS::Cluster'],
    templates: /^flue-schema-cleanup-/,
    rules: ['CKV_AWS_65'],
    reason: 'A task runs there after a stack is deleted, and ends. Pass a `cluster` of your own to have Container Insights.',
  },
  {
    judge: 'checkov',
    types: ['AWS::SNS::Topic'],
    templates: /^flue-sandboxes-maximal/,
    rules: ['CKV_AWS_26'],
    reason: OWN_OF_TEST,
  },
];
