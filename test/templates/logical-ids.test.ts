import { CHANGES, STACKS, versionOf, type Change } from './versions';

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
  'FlueShardedService': {
    ...SECRETS,
    DatabaseInstanceAA8A5FDE: 'AWS::RDS::DBInstance',
    AgentsShard0LoadBalancer614F658E: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    AgentsShard0LogGroup77C912A6: 'AWS::Logs::LogGroup',
    AgentsShard1LogGroup03AD4255: 'AWS::Logs::LogGroup',
    AgentsShard2LogGroup7103A801: 'AWS::Logs::LogGroup',
    AgentsShard3LogGroupB0B48C7A: 'AWS::Logs::LogGroup',
    DatabaseSchemasAgentsShard0CredentialsB3AA49AC: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard0UrlF5FC7808: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard1Credentials769CB6F2: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard1UrlE9D89201: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard2CredentialsC6834830: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard2Url88D2697B: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard3CredentialsBF900F5D: 'AWS::SecretsManager::Secret',
    DatabaseSchemasAgentsShard3Url7969C289: 'AWS::SecretsManager::Secret',
  },
};

const HOLDS_STATE = /^AWS::(RDS::DB(Instance|Cluster)|SecretsManager::Secret|Logs::LogGroup|EC2::(Volume|EIP)|ElasticLoadBalancingV2::LoadBalancer|ECS::Express.*)$/;

test.each(Object.keys(STACKS))('%s keeps the ids of what holds state', name => {
  const stateful = Object.entries(versionOf(name).Resources).filter(([, { Type }]) => HOLDS_STATE.test(Type));
  expect(Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type]))).toEqual({ ...OF_THE_TEST, ...CONTRACT[name] });
});

test.each([['FlueFargateService', 'before-upgrade'], ['FlueFargateService on Aurora', 'before-upgrade']])('%s keeps them with a database from a snapshot', (name, snapshot) => {
  const stateful = Object.entries(versionOf(name, { name: 'snapshot', database: { snapshot } }).Resources).filter(([, { Type }]) => HOLDS_STATE.test(Type));
  expect(Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type]))).toEqual({ ...OF_THE_TEST, ...CONTRACT[name] });
});

test.each(['FlueFargateService', 'FlueFargateService on Aurora', 'FlueExpressService'])('%s keeps them when passwords rotate', name => {
  const stateful = Object.entries(versionOf(name, { name: 'rotation', database: { rotation: {} } }).Resources).filter(([, { Type }]) => HOLDS_STATE.test(Type));
  const added = { AgentsRedeploymentLogGroup2FF4CECE: 'AWS::Logs::LogGroup' };
  expect(Object.fromEntries(stateful.map(([id, { Type }]) => [id, Type]))).toEqual({ ...OF_THE_TEST, ...CONTRACT[name], ...added });
});

test('FlueShardedService keeps them when passwords rotate, but for the passwords that nothing reads any more', () => {
  const { passwords, ...rotation } = CHANGES.find(({ name }) => name === 'rotation')!;
  const of = (change?: Change) => Object.entries(versionOf('FlueShardedService', change).Resources).filter(([, { Type }]) => HOLDS_STATE.test(Type)).map(([id]) => id);
  const [before, after] = [of(), of(rotation)];
  expect(before.filter(id => !after.includes(id) && !passwords!.test(id))).toEqual([]);
  // one of each shard, and that of the database, which no server has
  expect(before.filter(id => passwords!.test(id))).toHaveLength(5);
  expect(after.filter(id => !before.includes(id))).toEqual([expect.stringMatching(/^AgentsRedeploymentLogGroup/)]);
});
