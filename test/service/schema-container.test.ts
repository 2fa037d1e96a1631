import { App, Stack, type CfnResource } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import { imageOf, newStack, secretOf } from './support';
import {
  FlueChecks, FlueDatabase, FlueDatabaseEngine, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage, FlueTelemetry,
  type FlueExistingImageOptions, type FlueTaskProps,
} from '../../src';
import { schemaScript } from '../../src/database/schema-script';

/** What ECS takes of a task definition (Amazon ECS developer guide, service quotas). */
const TASK_DEFINITION_BYTES = 64 * 1024;

function world(options: { readonly image?: FlueExistingImageOptions; readonly stack?: Stack } = {}) {
  const stack = options.stack ?? newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 });
  const database = new FlueDatabase(stack, 'Database', { vpc });
  return { stack, vpc, database, image: imageOf(stack, { caBundlePath: '/ca.pem', ...options.image }) };
}

/** Both containers of a task that takes a schema. */
function serve(props: Partial<FlueTaskProps> = {}, image?: FlueExistingImageOptions) {
  const { stack, database, image: existing } = world({ image });
  const service = new FlueFargateService(stack, 'Agents', { image: existing, database: database.addSchema('Agents'), ...props });
  const template = Template.fromStack(stack);
  const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  const named = (name: string) => definition.Properties.ContainerDefinitions.find(({ Name }: { Name: string }) => Name === name);
  return { stack, service, template, definition, server: named('Main'), maker: named('Schema') };
}

const namesIn = (container: { Secrets: { Name: string }[] }) => container.Secrets.map(({ Name }) => Name);

describe('on ECS', () => {
  test('a container of the same image makes the schema, and ends before the server starts', () => {
    const { maker, server } = serve();
    expect(server.DependsOn).toEqual([{ ContainerName: 'Schema', Condition: 'SUCCESS' }]);
    expect(server.Essential).toBe(true);
    expect(maker).toMatchObject({
      Image: server.Image,
      Essential: false,
      EntryPoint: ['node', '--input-type=module', '-e'],
      Command: [schemaScript()],
      Environment: [{ Name: 'NODE_EXTRA_CA_CERTS', Value: '/ca.pem' }],
      ReadonlyRootFilesystem: true,
      LinuxParameters: server.LinuxParameters,
    });
    expect(maker.PortMappings).toBeUndefined();
  });

  test('only that container gets the password of the administrator', () => {
    const { maker, server, template } = serve({ telemetry: FlueTelemetry.adot() });
    expect(namesIn(maker)).toEqual(['SCHEMA_URL', 'ADMIN_USER', 'ADMIN_PASSWORD']);
    expect(namesIn(server)).toEqual(['DATABASE_URL']);
    expect(maker.Secrets[0].ValueFrom).toEqual(server.Secrets[0].ValueFrom);
    const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
    const others = definition.Properties.ContainerDefinitions.filter(({ Name }: { Name: string }) => Name !== 'Schema');
    expect(others).toHaveLength(2);
    expect(JSON.stringify(others)).not.toContain('Attachment');
    // the role of the server may not read it: the execution role starts the containers
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:GetSecretValue'));
    expect(policies.map(([id]) => id)).toEqual([expect.stringMatching(/ExecutionRole/)]);
  });

  test('the authorities are those of the server', () => {
    expect(serve({}, { caBundlePath: '/own.pem' }).maker.Environment).toEqual([{ Name: 'NODE_EXTRA_CA_CERTS', Value: '/own.pem' }]);
    expect(serve({}, { caBundlePath: undefined }).maker.Environment).toBeUndefined();
  });

  test('what is taken away from the server is taken from it', () => {
    expect(serve({ dropAllCapabilities: true }).maker.LinuxParameters.Capabilities.Drop).toEqual(['ALL']);
  });

  test('the program leaves nine tenths of a task definition free', () => {
    expect(Buffer.byteLength(JSON.stringify(schemaScript()))).toBeLessThan(TASK_DEFINITION_BYTES / 7);
    expect(schemaScript()).not.toMatch(/^\s|^\/\/|\n\s|\n\/\//);
  });

  test('the program that makes logins leaves four fifths free, and has one end', () => {
    expect(Buffer.byteLength(JSON.stringify(schemaScript(true)))).toBeLessThan(TASK_DEFINITION_BYTES / 5);
    expect(schemaScript(true)).not.toMatch(/^\s|^\/\/|\n\s|\n\/\//);
    expect(schemaScript(true).match(/process\.exitCode = 1/g)).toHaveLength(1);
    expect(schemaScript()).not.toContain('SCHEMA_LOGIN');
  });

  test('a service that takes the database itself has one container', () => {
    const { stack, database, image } = world();
    new FlueFargateService(stack, 'Agents', { image, database });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Name: 'Main', DependsOn: Match.absent() })],
    });
  });

  test('the server may connect to the database', () => {
    serve().template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { Description: 'Flue server to its database', FromPort: 5432 });
  });

  test('ECS Express Mode takes the same task definition', () => {
    const { stack, database, image } = world();
    new FlueExpressService(stack, 'Agents', { image, database: database.addSchema('Agents') });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Name: 'Main', PortMappings: [Match.objectLike({ Name: 'http' })] }), Match.objectLike({ Name: 'Schema' })],
    });
  });

  test('operators reach the database through the server', () => {
    const { service } = serve({ enableExecuteCommand: true } as Partial<FlueTaskProps>);
    expect(service.addOperatorCommands().forwardDatabase).toContain('AWS-StartPortForwardingSessionToRemoteHost');
  });
});

describe('on a box', () => {
  function box(databaseOf: (database: FlueDatabase) => FlueDatabase | ReturnType<FlueDatabase['addSchema']>) {
    const { stack, vpc, database, image } = world({ stack: new Stack(new App(), 'Agents', { env: { region: 'us-east-1', account: '123456789012' } }) });
    new FlueEc2Service(stack, 'Box', { image, vpc, database: databaseOf(database) });
    const template = Template.fromStack(stack);
    const [launch] = Object.values(template.findResources('AWS::EC2::LaunchTemplate'));
    const { 'Fn::Base64': { 'Fn::Join': [, parts] } } = launch.Properties.LaunchTemplateData.UserData;
    return { template, userData: parts.map((part: unknown) => typeof part === 'string' ? part : JSON.stringify(part)).join('') as string };
  }

  test('the unit makes the schema before each start of the server', () => {
    const { userData } = box(database => database.addSchema('Agents'));
    const unit = userData.slice(userData.indexOf('/etc/systemd/system/flue.service'));
    expect(unit.indexOf('/opt/flue/schema.sh')).toBeGreaterThan(unit.indexOf('/opt/flue/pull-image.sh'));
    expect(unit.indexOf('/opt/flue/schema.sh')).toBeLessThan(unit.indexOf('ExecStart='));
    expect(userData).toMatch(/retry 5 aws s3 cp .* 's3:\/\/[^']+\.zip' \/opt\/flue\/schema\.zip/);
    expect(userData).toMatch(/SCHEMA_FLEET=''\nSCHEMA_PARTITION=''\nSCHEMA_URL='.*'\nADMIN_USER='.*:username::'\nADMIN_PASSWORD='.*:password::'\nNODE_EXTRA_CA_CERTS='\/ca\.pem'/);
  });

  test('the server gets no more than its own connection string', () => {
    const { userData } = box(database => database.addSchema('Agents'));
    expect(userData.match(/cat >\/etc\/flue\/secrets\.json <<'END_OF_FILE'\n([^]*?)END_OF_FILE/)![1]).toMatch(/^\{\n "DATABASE_URL": "[^\n]*"\n\}\n$/);
  });

  test('the role may fetch the program and read the secrets', () => {
    const policies = JSON.stringify(box(database => database.addSchema('Agents')).template.findResources('AWS::IAM::Policy'));
    expect(policies).toContain('CredentialsAttachment');
    expect(policies.match(/\.zip/g)).toHaveLength(2);
  });

  test('a box that takes the database itself knows nothing of it', () => {
    const { userData, template } = box(database => database);
    expect(userData).not.toMatch(/schema/i);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy')).match(/\.zip/g)).toHaveLength(1);
  });
});

test.each<[string, (stack: Stack, image: ReturnType<typeof imageOf>, url: Secret) => unknown]>([
  ['Fargate', (stack, image, url) => new FlueFargateService(stack, 'Agents', { image, secrets: { DATABASE_URL: url } })],
  ['EC2', (stack, image, url) => new FlueEc2Service(stack, 'Agents', { image, secrets: { DATABASE_URL: url } })],
])('on %s the connection string alone is refused: nobody would make the schema', (_, act) => {
  const { stack, database, image } = world();
  expect(() => act(stack, image, database.addSchema('Agents').url)).toThrow('[Agents/Agents] `secrets` must not hold the connection string of a schema, got: DATABASE_URL. '
    + 'Pass the schema itself as `database`: something has to make it before the server starts');
  expect(() => act(stack, image, secretOf(stack, 'Other'))).not.toThrow(/connection string of a schema/);
});

describe('FlueChecks', () => {
  /** The errors on a service whose image is called flue, so that both containers look like servers. */
  function errors(engine: FlueDatabaseEngine, spoil: (definition: CfnResource) => void = () => undefined): string[] {
    const app = new App();
    const stack = new Stack(app, 'Agents');
    const database = new FlueDatabase(stack, 'Database', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }), engine });
    const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/owner/flue:1', { caBundlePath: '/ca.pem' });
    const service = new FlueFargateService(stack, 'Agents', { image, database: database.addSchema('Agents') });
    spoil(service.taskDefinition.node.defaultChild as CfnResource);
    return new FlueChecks(app).validateScope(app).violations.filter(({ severity }) => severity === 'error').map(({ ruleName }) => ruleName);
  }

  test.each([FlueDatabaseEngine.postgres(), FlueDatabaseEngine.auroraServerless()])('has nothing against the container that ends', engine => {
    expect(errors(engine)).toEqual([]);
  });

  test('would take one for a server for which nobody waits', () => {
    expect(errors(FlueDatabaseEngine.postgres(), definition => definition.addPropertyDeletionOverride('ContainerDefinitions.0.DependsOn'))).not.toEqual([]);
  });
});
