import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { existingVpc, newDatabase, newStack } from './helpers';
import { FlueDatabase } from '../../src/database/flue-database';
import { FlueDatabaseEngine } from '../../src/database/flue-database-engine';
import type { FlueDatabaseFromAdministratorSecretOptions } from '../../src/database/flue-database-props';
import { addSchemaOfFleet } from '../../src/database/flue-schema';

type Existing = Partial<FlueDatabaseFromAdministratorSecretOptions>;

function existingServer(options: Existing = {}, stack = newStack()) {
  return FlueDatabase.fromAdministratorSecret(stack, 'Existing', {
    administrator: Secret.fromSecretNameV2(stack, 'Master', 'master'), host: 'db.example.com', databaseName: 'app', ...options,
  });
}

/** The connection string of a schema, with stand-ins for what CloudFormation resolves. */
function urlOf(template: Template, schemaName: string): URL {
  const strings = Object.values(template.findResources('AWS::SecretsManager::Secret')).flatMap(({ Properties: { SecretString } }) => SecretString ?? []);
  const texts = strings.map(({ 'Fn::Join': [, parts] }) => parts.map((part: unknown) => typeof part === 'string' ? part : 'X').join(''));
  return new URL(texts.find(text => text.startsWith(`postgres://${schemaName}:`)).replace(/\{\{resolve:[^}]*\}\}/g, 'S3cret'));
}

describe.each([
  ['RDS', FlueDatabaseEngine.postgres()],
  ['Aurora', FlueDatabaseEngine.auroraServerless()],
])('a schema of %s', (_, engine) => {
  const database = newDatabase({ engine });
  const schema = database.addSchema('SupportAgents');
  const template = Template.fromStack(Stack.of(database));

  test('has a role and a name of its own', () => {
    expect(schema.schemaName).toBe('support_agents');
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        ExcludePunctuation: true, PasswordLength: 40, GenerateStringKey: 'password', SecretStringTemplate: '{"username":"support_agents"}',
      },
    });
  });

  test('has a connection string of its own, over verified TLS', () => {
    expect(urlOf(template, 'support_agents')).toMatchObject({
      username: 'support_agents', password: 'S3cret', hostname: 'X', port: '5432', pathname: '/flue', search: '?sslmode=verify-full',
    });
    expect(schema.url.arn).toBe(schema.urlSecret.secretArn);
    expect(schema.url.arn).not.toBe(database.url.arn);
  });

  test('exists once every instance does', () => {
    const instances = Object.keys(template.findResources('AWS::RDS::DBInstance'));
    const urls = template.findResources('AWS::SecretsManager::Secret', { Properties: { SecretString: Match.anyValue() } });
    expect(Object.keys(urls)).toHaveLength(2);
    Object.values(urls).forEach(url => expect(url.DependsOn).toEqual(expect.arrayContaining(instances)));
  });

  test('is where its database is', () => {
    expect(schema.vpc).toBe(database.vpc);
    expect(schema.connections).toBe(database.connections);
    expect(schema.endpoint).toBe(database.endpoint);
    expect(schema.usesRdsCertificates).toBe(true);
  });

  test('takes the administrator from the secret of the database', () => {
    const { ADMIN_USER, ADMIN_PASSWORD, SCHEMA_URL } = schema._bootstrap.secrets;
    expect(ADMIN_USER.arn).toBe(`${database.secret.secretArn}:username::`);
    expect(ADMIN_PASSWORD.arn).toBe(`${database.secret.secretArn}:password::`);
    expect(SCHEMA_URL).toBe(schema.url);
    expect(schema._bootstrap.environment).toEqual({});
  });
});

test.each([
  ['Support', 'support'], ['SupportAgents', 'support_agents'], ['my-Agents v2', 'my_agents_v2'], ['HTTPAgents', 'httpagents'], ['a', 'a'],
])('the id %s gives the name %s', (id, name) => {
  expect(newDatabase().addSchema(id).schemaName).toBe(name);
});

describe('the name', () => {
  test.each(['a', '_', 'agents_2', 'user', 'a'.repeat(63)])('can be %s', schemaName => {
    expect(newDatabase().addSchema('Agents', { schemaName }).schemaName).toBe(schemaName);
  });

  test.each([['', 'an empty string'], ['Agents', 'Agents'], ['1st', '1st'], ['a-b', 'a-b'], ['a"b', 'a"b'], ['a'.repeat(64), 'a'.repeat(64)]])('cannot be %j', (schemaName, got) => {
    expect(() => newDatabase().addSchema('Agents', { schemaName })).toThrow('[Stack/Database] `schemaName` must be 1–63 lower-case letters, digits and '
      + `underscores that do not begin with a digit, got: ${got}. Pass another \`schemaName\`, such as \`support_agents\``);
  });

  test('that is derived is judged the same', () => {
    expect(() => newDatabase().addSchema('2ndAgents')).toThrow('`schemaName` must be 1–63 lower-case letters');
    expect(() => newDatabase().addSchema('a'.repeat(64))).toThrow('`schemaName` must be 1–63 lower-case letters');
    expect(() => newDatabase().addSchema('a'.repeat(63))).not.toThrow();
  });

  test.each(['public', 'information_schema', 'pg_flue', 'rds_superuser', 'rdsadmin', 'none'])('cannot be %s, which is reserved', schemaName => {
    expect(() => newDatabase().addSchema('Agents', { schemaName })).toThrow(`\`schemaName\` must not be a name that Postgres or RDS reserves for itself, got: ${schemaName}`);
  });

  test('cannot be that of the administrator, whose password would be another', () => {
    expect(() => newDatabase().addSchema('Flue')).toThrow('[Stack/Database] `schemaName` must not be the name of the administrator, got: flue. '
      + 'The role of a schema is one of its own: choose another');
    const stack = newStack();
    expect(() => newDatabase({ credentials: Secret.fromSecretNameV2(stack, 'Owner', 'owner') }, stack).addSchema('Flue')).not.toThrow();
  });
});

describe('a second schema', () => {
  test('of another id has another role', () => {
    const database = newDatabase();
    expect([database.addSchema('One'), database.addSchema('Two')].map(({ schemaName }) => schemaName)).toEqual(['one', 'two']);
    Template.fromStack(Stack.of(database)).resourceCountIs('AWS::SecretsManager::Secret', 6);
  });

  test.each([
    ['of the same id', 'Agents', { schemaName: 'other' }, 'Agents (other)'],
    ['of the same name', 'Others', { schemaName: 'agents' }, 'Others (agents)'],
    ['of the same derived name', 'agents', {}, 'agents (agents)'],
  ])('%s is refused', (_, id, options, got) => {
    const database = newDatabase();
    database.addSchema('Agents');
    expect(() => database.addSchema(id, options)).toThrow(`[Stack/Database] \`addSchema()\` must be called once for each schema, got: ${got}, and Agents is there already. `
      + 'Use what the first call returned, or pass another id and `schemaName`');
  });

  test('can have the id of a part of the database', () => {
    expect(() => newDatabase().addSchema('Url')).not.toThrow();
  });
});

test('the key of the database encrypts its secrets, and no key policy names a role', () => {
  const stack = newStack();
  const database = newDatabase({ encryptionKey: new Key(stack, 'Key') }, stack);
  const schema = database.addSchema('Agents');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  Object.values(schema._bootstrap.secrets).forEach(secret => secret.grantRead(role));
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() }, 4);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt' })]) },
  });
  const [{ Properties: { KeyPolicy } }] = Object.values(template.findResources('AWS::KMS::Key'));
  expect(JSON.stringify(KeyPolicy)).not.toContain('Role');
  expect(schema._bootstrap.secrets.ADMIN_USER.hasField).toBe(true);
});

test.each([[RemovalPolicy.RETAIN, 'Retain'], [undefined, 'Delete']])('a database that goes by the policy %s keeps the secrets of a schema: %s', (removalPolicy, expected) => {
  const database = newDatabase({ removalPolicy });
  database.addSchema('Agents');
  const policies = Object.values(Template.fromStack(Stack.of(database)).findResources('AWS::SecretsManager::Secret')).map(({ DeletionPolicy }) => DeletionPolicy);
  expect(policies).toEqual([expected, expected, expected, expected]);
});

describe('an existing Postgres with an administrator', () => {
  test('gives schemas of its own', () => {
    const stack = newStack();
    const vpc = existingVpc(stack);
    const schema = existingServer({ vpc, port: 6543, usesRdsCertificates: false }, stack).addSchema('Agents');
    expect(schema.vpc).toBe(vpc);
    expect(schema.usesRdsCertificates).toBe(false);
    expect(schema.endpoint).toBeUndefined();
    expect(schema.connections.defaultPort?.toString()).toBe('6543');
    expect(urlOf(Template.fromStack(stack), 'agents')).toMatchObject({ username: 'agents', hostname: 'db.example.com', port: '6543', pathname: '/app' });
  });

  test.each<[string, Existing, string]>([
    ['a URL for a host', { host: 'postgres://db.example.com' }, '`host` must be a host name or an address of 1–253 letters, digits, dots and hyphens, got: postgres://db.example.com. '
      + 'Pass the host alone, such as `db.example.com`, and the port as `port`'],
    ['a port behind the host', { host: 'db.example.com:5432' }, '`host` must be'],
    ['no host', { host: '' }, '`host` must be a host name or an address of 1–253 letters, digits, dots and hyphens, got: an empty string'],
    ['a long host', { host: 'a'.repeat(254) }, '`host` must be'],
    ['a database name that splits a URL', { databaseName: 'a/b' }, '`databaseName` must be 1–63 letters, digits, underscores and hyphens, got: a/b. '
      + 'Pass the name of a database that exists on the server'],
    ['a long database name', { databaseName: 'a'.repeat(64) }, '`databaseName` must be'],
    ['a port out of range', { port: 65536 }, '`port` must be a whole number from 1 to 65535, got: 65536'],
  ])('fails for %s', (_, options, message) => {
    expect(() => existingServer(options)).toThrow(`[Stack/Existing] ${message}`);
  });

  test('fails for an administrator whose name reads as a complete ARN', () => {
    const stack = newStack();
    expect(() => existingServer({ administrator: Secret.fromSecretNameV2(stack, 'Owner', 'rds-master') }, stack))
      .toThrow('[Stack/Existing] `administrator` must not refer by name to a secret whose name ends in a hyphen and six characters, got: rds-master');
  });

  test.each<[string, Existing]>([
    ['the longest host', { host: 'a'.repeat(253) }], ['an address', { host: '10.0.0.5' }], ['the longest database name', { databaseName: 'a'.repeat(63) }],
    ['other spellings', { databaseName: 'My-App' }],
  ])('takes %s', (_, options) => {
    expect(() => existingServer(options)).not.toThrow();
  });
});

describe('what becomes of a schema', () => {
  test.each([undefined, RemovalPolicy.RETAIN])('with the policy %s, its role names no stack', removalPolicy => {
    expect(existingServer().addSchema('Agents', { removalPolicy })._bootstrap.environment).toEqual({});
    expect(newDatabase().addSchema('Agents', { removalPolicy })._bootstrap.environment).toEqual({});
  });

  test('with DESTROY, its role names the stack that it goes with', () => {
    const stack = newStack();
    const { environment } = existingServer({}, stack).addSchema('Agents', { removalPolicy: RemovalPolicy.DESTROY })._bootstrap;
    expect(stack.resolve(environment)).toEqual({ SCHEMA_STACK: { Ref: 'AWS::StackId' } });
  });

  test.each([RemovalPolicy.SNAPSHOT, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])('cannot be %s', removalPolicy => {
    expect(() => existingServer().addSchema('Agents', { removalPolicy })).toThrow('[Stack/Existing] `removalPolicy` of a schema must be RemovalPolicy.RETAIN or '
      + `RemovalPolicy.DESTROY, got: ${removalPolicy}. A schema has no snapshot of its own: the backups of the database hold it`);
  });

  test('cannot be DESTROY in the stack of the database', () => {
    expect(() => newDatabase().addSchema('Agents', { removalPolicy: RemovalPolicy.DESTROY })).toThrow('[Stack/Database] `removalPolicy` must not be RemovalPolicy.DESTROY '
      + 'for a schema in the stack of its database, got: one of a new FlueDatabase. Set `removalPolicy` of the FlueDatabase.');
  });
});

describe('a schema of a fleet', () => {
  test('says how the fleet shares out its conversations', () => {
    const schema = addSchemaOfFleet(newDatabase(), 'Agents0', {}, { fleet: 'agents', partition: 'lastCharacter of 4' });
    expect(schema._bootstrap.environment).toEqual({ SCHEMA_FLEET: 'agents', SCHEMA_PARTITION: 'lastCharacter of 4' });
    expect(addSchemaOfFleet(existingServer(), 'Agents0', {}, { fleet: 'agents', partition: 'p' }).schemaName).toBe('agents0');
  });

  test('needs a database that can have one', () => {
    const stack = newStack();
    const url = EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Neon', 'neon'));
    const other = FlueDatabase.fromUrlSecret(stack, 'Other', { url }) as never;
    expect(() => addSchemaOfFleet(other, 'Agents0', {}, { fleet: 'agents', partition: 'p' }))
      .toThrow('[Stack/Other] `database` must be a FlueDatabase, got: one of another kind. Use `new FlueDatabase(…)` or `FlueDatabase.fromAdministratorSecret(…)`');
  });
});
