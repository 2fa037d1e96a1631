/** How AWS bills the types of resources that Flue servers are deployed with. A type of no list has a price that is not known here. */

/** Those that `monthlyFloor` prices. */
const PRICED = [
  'AWS::AutoScaling::AutoScalingGroup', 'AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::EC2::EIP', 'AWS::EC2::NatGateway',
  'AWS::EC2::Volume', 'AWS::EC2::VPCEndpoint', 'AWS::ECS::ExpressGatewayService', 'AWS::ECS::Service',
  'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::KMS::Key', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::SecretsManager::Secret',
];

/** Those that cost nothing while nobody uses them. */
const BY_USE = [
  'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api', 'AWS::Backup::BackupVault', 'AWS::BedrockAgentCore::CodeInterpreterCustom',
  'AWS::CloudFront::Distribution', 'AWS::CloudFront::Function', 'AWS::Cognito::UserPool',
  'AWS::EC2::FlowLog', 'AWS::ECR::Repository', 'AWS::Events::EventBus', 'AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::SNS::Topic',
  // each list has a price for each name in it, which is less than a cent; look-ups have one too
  'AWS::Route53Resolver::FirewallDomainList', 'AWS::SQS::Queue', 'AWS::Scheduler::Schedule', 'AWS::SecretsManager::RotationSchedule',
  // those of the Serverless Application Repository that rotate passwords hold a function
  'AWS::Serverless::Application', 'AWS::StepFunctions::StateMachine',
];

/** Those that cost nothing by themselves; a name that ends in `::` stands for all of its family. */
const FREE = [
  'AWS::ApiGateway::', 'AWS::ApiGatewayV2::', 'AWS::ApplicationAutoScaling::', 'AWS::AutoScaling::', 'AWS::Backup::BackupPlan', 'AWS::Backup::BackupSelection', 'AWS::Bedrock::ApplicationInferenceProfile', 'AWS::Budgets::Budget', 'AWS::Budgets::BudgetsAction', 'AWS::CDK::Metadata',
  'AWS::CertificateManager::Certificate', 'AWS::CloudFormation::', 'AWS::CloudFront::', 'AWS::Cognito::',
  'AWS::EC2::DHCPOptions', 'AWS::EC2::EIPAssociation', 'AWS::EC2::EgressOnlyInternetGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::LaunchTemplate',
  'AWS::EC2::NetworkAcl', 'AWS::EC2::NetworkAclEntry', 'AWS::EC2::PrefixList', 'AWS::EC2::Route', 'AWS::EC2::RouteTable', 'AWS::EC2::SecurityGroup',
  'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::Subnet', 'AWS::EC2::SubnetCidrBlock', 'AWS::EC2::SubnetNetworkAclAssociation',
  'AWS::EC2::SubnetRouteTableAssociation', 'AWS::EC2::VPC', 'AWS::EC2::VPCCidrBlock', 'AWS::EC2::VPCDHCPOptionsAssociation', 'AWS::EC2::VPCGatewayAttachment',
  'AWS::EC2::VPCPeeringConnection', 'AWS::EC2::VolumeAttachment',
  'AWS::ECS::CapacityProvider', 'AWS::ECS::Cluster', 'AWS::ECS::TaskDefinition', 'AWS::ElasticLoadBalancingV2::Listener', 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
  'AWS::ElasticLoadBalancingV2::ListenerRule', 'AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::Events::Rule', 'AWS::IAM::',
  'AWS::KMS::Alias', 'AWS::Lambda::EventSourceMapping', 'AWS::Lambda::LayerVersion', 'AWS::Lambda::Permission', 'AWS::Logs::', 'AWS::RDS::DBClusterParameterGroup',
  'AWS::RDS::DBParameterGroup', 'AWS::RDS::DBSubnetGroup', 'AWS::Route53::RecordSet', 'AWS::Route53Resolver::FirewallRuleGroup', 'AWS::Route53Resolver::FirewallRuleGroupAssociation', 'AWS::S3::BucketPolicy', 'AWS::SNS::', 'AWS::SQS::QueuePolicy',
  'AWS::SSM::Parameter', 'AWS::Scheduler::ScheduleGroup', 'AWS::SecretsManager::ResourcePolicy', 'AWS::SecretsManager::SecretTargetAttachment',
  'AWS::ServiceDiscovery::Service', 'AWS::WAFv2::LoggingConfiguration', 'AWS::WAFv2::WebACLAssociation', 'Custom::',
];

export type Billing = 'priced' | 'by use' | 'free' | 'unknown';

export function billingOf(type: string): Billing {
  return PRICED.includes(type) ? 'priced' : BY_USE.includes(type) ? 'by use' : FREE.some(free => (free.endsWith('::') ? type.startsWith(free) : type === free)) ? 'free' : 'unknown';
}
