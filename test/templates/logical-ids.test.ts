import { STACKS, versionOf } from './versions';

/**
 * The logical ids of what holds state, written down a second time: a snapshot is updated by a flag, these are not.
 * A changed id deletes the resource in every stack that exists.
 */
const OF_THE_TEST = { TokenCB33349F: 'AWS::SecretsManager::Secret', VpcPublicSubnet1EIPD7E02669: 'AWS::EC2::EIP' };
const SECRETS = { DatabaseCredentials24F58BE6: 'AWS::SecretsManager::Secret', DatabaseUrlF879C7EE: 'AWS::SecretsManager::Secret' };
const FARGATE = { AgentsLoadBalancer36C84BDD: 'AWS::ElasticLoadBalancingV2::LoadBalancer', AgentsLogGroup63338DE4: 'AWS::Logs::LogGroup' };

const CONTRACT: Record<string, Record<string, string>> = {
  'FlueFargateService': { ...FARGATE, ...SECRETS, DatabaseInstanceAA8A5FDE: 'AWS::RDS::DBInstance' },
  'FlueExpressService': {
    ...SECRETS,
    DatabaseInstanceAA8A5FDE: 'AWS::RDS::DBInstance',
    AgentsLogGroup63338DE4: 'AWS::Logs::LogGroup',
    AgentsManagedLoadBalancerLogGroupD99402DA: 'AWS::Logs::LogGroup',
    AgentsServiceDE196E2A: 'AWS::ECS::ExpressGatewayService',
  },
  'FlueEc2Service': {
    ...SECRETS,
    DatabaseInstanceAA8A5FDE: 'AWS::RDS::DBInstance',
    AgentsAddress4988A2CE: 'AWS::EC2::EIP',
    AgentsDataVolumeDFFB0E43: 'AWS::EC2::Volume',
    AgentsLogGroup63338DE4: 'AWS::Logs::LogGroup',
  },
  'FlueFargateService on Aurora': {
    ...FARGATE, ...SECRETS, DatabaseCluster5B53A178: 'AWS::RDS::DBCluster', DatabaseClusterWriterD43085C6: 'AWS::RDS::DBInstance',
  },
};

const HOLDS_STATE = /^AWS::(RDS::DB(Instance|Cluster)|SecretsManager::Secret|Logs::LogGroup|EC2::(Volume|EIP)|ElasticLoadBalancingV2::LoadBalancer|ECS::Express.*)$/;

test.each(Object.keys(STACKS))('%s keeps the ids of what holds state', name => {
  const stateful = Object.entries(versionOf(name).Resources).filter(([, { Type }]) => HOLDS_STATE.test(Type));
  expect(Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type]))).toEqual({ ...OF_THE_TEST, ...CONTRACT[name] });
});
