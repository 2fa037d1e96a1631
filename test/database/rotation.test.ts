import { App, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { InterfaceVpcEndpointAwsService, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import { existingVpc, newDatabase, newStack, vpcOf, type DatabaseProps } from './helpers';
import { FlueChecks } from '../../src/checks/flue-checks';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';
import { rotatedSecret } from '../../src/database/rotation';
import { bootstrapOfDatabase } from '../../src/database/schema-script';

const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
const APPLICATION = 'AWS::Serverless::Application';
const isolated = (stack: Stack) => vpcOf(stack, [SubnetType.PUBLIC, SubnetType.PRIVATE_ISOLATED]);

function rotating(props: DatabaseProps = {}, stack = newStack()) {
  return newDatabase({ rotation: {}, ...props }, stack);
}
const templateOf = (database: Construct) => Template.fromStack(Stack.of(database));

/** The secret of a login as JSON, with stand-ins for what CloudFormation resolves. */
function loginIn(template: Template, username: string): Record<string, unknown> {
  const texts = Object.values(template.findResources('AWS::SecretsManager::Secret')).flatMap(({ Properties: { GenerateSecretString } }) => {
    const join = GenerateSecretString?.SecretStringTemplate?.['Fn::Join'];
    return join ? [join[1].map((part: unknown) => typeof part === 'string' ? part : 'X').join('')] : [];
  });
  return texts.map(text => JSON.parse(text)).find(login => login.username === username);
}

describe.each([['RDS', FlueDatabaseEngine.postgres()], ['Aurora', FlueDatabaseEngine.auroraServerless()]])('passwords of %s that rotate', (_, engine) => {
  const database = rotating({ engine });
  const schema = database.addSchema('SupportAgents');
  const { url } = database;
  const template = templateOf(database);

  test('are those of the administrator, of the server and of the schema, every 30 days and not at once', () => {
    template.resourceCountIs(SCHEDULE, 3);
    template.allResourcesProperties(SCHEDULE, { RotateImmediatelyOnUpdate: false, RotationRules: { ScheduleExpression: 'rate(30 days)' } });
  });

  test('are rotated by two functions of AWS, of which one serves all logins', () => {
    template.resourceCountIs(APPLICATION, 2);
    const functions = Object.values(template.findResources(SCHEDULE)).map(({ Properties }) => JSON.stringify(Properties.RotationLambdaARN));
    expect(new Set(functions).size).toBe(2);
  });

  test.each([['flue_owner_login'], ['support_agents_login']])('of %s are in a secret as the function of AWS takes it', username => {
    expect(loginIn(template, username)).toEqual({ engine: 'postgres', host: 'X', port: '5432', dbname: 'flue', username, ssl: true, masterarn: 'X' });
  });

  test('are asked for by the bootstrap', () => {
    expect(bootstrapOfDatabase(database)).toMatchObject({ rotates: true, environment: { SCHEMA_OWNER: 'flue_owner', SCHEMA_LOGIN: 'flue_owner_login', SCHEMA_IN_PUBLIC: 'yes' } });
    expect(bootstrapOfDatabase(schema)).toMatchObject({ rotates: true, environment: { SCHEMA_OWNER: 'support_agents', SCHEMA_LOGIN: 'support_agents_login' } });
    expect(bootstrapOfDatabase(schema)!.environment).not.toHaveProperty('SCHEMA_IN_PUBLIC');
    expect([rotatedSecret(url), rotatedSecret(schema.url)]).toEqual([database.urlSecret, schema.urlSecret]);
    expect(schema.secret).toBe(schema.urlSecret);
  });
});

test('a database without rotation has none of it', () => {
  const database = newDatabase();
  database.addSchema('Agents');
  const template = templateOf(database);
  [SCHEDULE, APPLICATION, 'AWS::EC2::VPCEndpoint'].forEach(type => template.resourceCountIs(type, 0));
  expect(bootstrapOfDatabase(database)).toBeUndefined();
  expect(rotatedSecret(database.url)).toBeUndefined();
  expect(bootstrapOfDatabase(undefined)).toBeUndefined();
});

test('a database that only has schemas has no login of its own, which nobody would make', () => {
  const database = rotating();
  database.addSchema('Agents');
  const template = templateOf(database);
  template.resourceCountIs(SCHEDULE, 2);
  template.resourceCountIs('AWS::SecretsManager::Secret', 2);
});

test('switching it on changes neither the database nor the ids of its secrets', () => {
  const [off, on] = [{}, { rotation: {} }].map(props => {
    const database = newDatabase(props);
    expect(database.url).toBeDefined();
    return templateOf(database).toJSON().Resources;
  });
  const ids = Object.keys(off).filter(id => /Secret$|DBInstance/.test(off[id].Type));
  expect(ids).toHaveLength(3);
  ids.forEach(id => expect(on[id].Type).toBe(off[id].Type));
  const instance = ids.find(id => /DBInstance/.test(off[id].Type))!;
  const credentials = ids.find(id => /Credentials/.test(id))!;
  [instance, credentials].forEach(id => expect(on[id]).toEqual(off[id]));
});

describe('the way to Secrets Manager', () => {
  test('is the route of private subnets', () => {
    const template = templateOf(rotating());
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    template.hasResourceProperties(APPLICATION, { Parameters: Match.objectLike({ vpcSubnetIds: 'subnet-1111111111111111a,subnet-1111111111111111b' }) });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Rotation of the passwords of the Flue database', SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
    });
  });

  test('is an endpoint of their own in one zone otherwise, which changes no name in the VPC', () => {
    const stack = newStack();
    const template = templateOf(rotating({ vpc: isolated(stack) }, stack));
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', { PrivateDnsEnabled: false, SubnetIds: [Match.anyValue()] });
    const [endpoint] = Object.keys(template.findResources('AWS::EC2::VPCEndpoint'));
    const parameters = Object.values(template.findResources(APPLICATION)).map(({ Properties }) => JSON.stringify(Properties.Parameters.endpoint));
    parameters.forEach(parameter => expect(parameter).toContain(`{"Ref":"${endpoint}"},".secretsmanager."`));
  });

  test('is an endpoint that the app has made in the VPC', () => {
    const stack = newStack();
    const vpc = isolated(stack);
    vpc.addInterfaceEndpoint('Secrets', { service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER });
    templateOf(rotating({ vpc }, stack)).resourceCountIs('AWS::EC2::VPCEndpoint', 1);
  });

  test.each([[true, 1], [false, 0]])('is as createEndpoint: %s says', (createEndpoint, count) => {
    const stack = newStack();
    templateOf(rotating({ vpc: isolated(stack), rotation: { createEndpoint } }, stack)).resourceCountIs('AWS::EC2::VPCEndpoint', count);
    templateOf(rotating({ rotation: { createEndpoint } })).resourceCountIs('AWS::EC2::VPCEndpoint', count);
  });

  test('is open to the functions alone, and they reach nothing else', () => {
    const stack = newStack();
    const template = templateOf(rotating({ vpc: isolated(stack) }, stack));
    const egress = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(({ Properties: { FromPort, ToPort } }) => [FromPort, ToPort]);
    expect(egress.sort()).toEqual([[443, 443], [5432, 5432]]);
    const ingress = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties.SourceSecurityGroupId);
    expect(new Set(ingress.map(group => JSON.stringify(group))).size).toBe(1);
  });
});

test('the password of the administrator can stand in a URL again, once rotation is switched off', () => {
  const [parameters] = Object.values(templateOf(rotating()).findResources(APPLICATION)).map(({ Properties }) => Properties.Parameters);
  const punctuation = Array.from({ length: 94 }, (_, code) => String.fromCharCode(33 + code)).filter(character => /[^A-Za-z0-9]/.test(character));
  expect(punctuation.filter(character => !parameters.excludeCharacters.includes(character))).toEqual([]);
});

test('a key of the user is known to the functions', () => {
  const stack = newStack();
  const database = rotating({ encryptionKey: new Key(stack, 'Key') }, stack);
  expect(database.url).toBeDefined();
  const template = templateOf(database);
  Object.values(template.findResources(APPLICATION)).forEach(({ Properties }) => expect(Properties.Parameters).toHaveProperty('kmsKeyArn'));
});

test('what rotates goes with the stack from a database that stays', () => {
  const database = rotating({ removalPolicy: RemovalPolicy.RETAIN });
  expect(database.url).toBeDefined();
  const template = templateOf(database);
  Object.values(template.findResources(APPLICATION)).forEach(({ DeletionPolicy }) => expect(DeletionPolicy).toBe('Delete'));
  Object.values(template.findResources(SCHEDULE)).forEach(({ DeletionPolicy }) => expect(DeletionPolicy).toBeUndefined());
  Object.values(template.findResources('AWS::SecretsManager::Secret')).forEach(({ DeletionPolicy }) => expect(DeletionPolicy).toBe('Retain'));
});

test.each([1, 1000])('the interval can be %s days', days => {
  templateOf(rotating({ rotation: { automaticallyAfter: Duration.days(days) } })).allResourcesProperties(SCHEDULE, {
    RotationRules: { ScheduleExpression: days === 1 ? 'rate(1 day)' : `rate(${days} days)` },
  });
});

test.each<[string, DatabaseProps['rotation'], string]>([
  ['less than a day', { automaticallyAfter: Duration.hours(4) }, '`automaticallyAfter` must be '],
  ['more than 1000 days', { automaticallyAfter: Duration.days(1001) }, '`automaticallyAfter` must be 1–1000 whole days, got: 1001 days'],
  ['a number of days that only the deployment knows', { automaticallyAfter: Duration.days(Lazy.number({ produce: () => 3 })) }, '`automaticallyAfter` must be 1–1000 whole days, got: a value known only at deployment'],
  ['no subnets', { vpcSubnets: { subnets: [] } }, '`vpcSubnets` must name at least one subnet, got: an empty list. Select by `subnetType`, or leave it out'],
  ['public subnets', { vpcSubnets: { subnetType: SubnetType.PUBLIC } }, '`vpcSubnets` must not be public subnets'],
])('refuses %s', (_, rotation, message) => {
  expect(() => rotating({ rotation })).toThrow(message);
});

test('refuses credentials of the user, in which the function would not find the database', () => {
  const stack = newStack();
  expect(() => rotating({ credentials: Secret.fromSecretNameV2(stack, 'Owner', 'owner') }, stack))
    .toThrow('[Stack/Database] `credentials` must be left out with `rotation`, got: both');
});

test('the name of a schema leaves room for the names of its logins', () => {
  expect(rotating().addSchema('Agents', { schemaName: 'a'.repeat(51) }).schemaName).toHaveLength(51);
  expect(() => rotating().addSchema('Agents', { schemaName: 'a'.repeat(52) })).toThrow(
    `[Stack/Database] \`schemaName\` must have at most 51 characters where passwords rotate, got: ${'a'.repeat(52)}`);
});

test('nothing is found on it that is not found without it, and SMG4 is gone', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const database = newDatabase({ vpc: existingVpc(stack), engine: FlueDatabaseEngine.postgres({ multiAz: true }), port: 6543, rotation: {} }, stack);
  database.addSchema('Agents');
  expect(database.url).toBeDefined();
  const packs = [new AwsSolutionsChecks(app), new FlueChecks(app)];
  expect(packs.flatMap(pack => pack.validateScope(app).violations.map(({ ruleName }) => ruleName))).toEqual([]);
});
