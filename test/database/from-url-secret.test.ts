import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { existingVpc, newStack } from './helpers';
import { FlueDatabase } from '../../src/database/flue-database';

function newUrl(stack = newStack()) {
  return EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Neon', 'neon'), 'url');
}

test('an existing Postgres is its connection string', () => {
  const stack = newStack();
  const url = newUrl(stack);
  const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url });
  expect(database.url).toBe(url);
  expect(database.vpc).toBeUndefined();
  expect(database.usesRdsCertificates).toBe(true);
  expect(database.connections.securityGroups).toEqual([]);
  Template.fromStack(stack).templateMatches({ Resources: Match.absent() });
});

test('says whose certificates it uses and where it is', () => {
  const stack = newStack();
  const vpc = existingVpc(stack);
  const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: newUrl(stack), vpc, usesRdsCertificates: false });
  expect(database.vpc).toBe(vpc);
  expect(database.usesRdsCertificates).toBe(false);
});

test('reading a field of the secret is granted to the role that starts the server', () => {
  const stack = newStack();
  const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: newUrl(stack) });
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  database.url.grantRead(role);
  expect(database.url.arn).toMatch(/:url::$/);
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: Match.arrayWith(['secretsmanager:GetSecretValue']), Resource: Match.anyValue() }],
    },
  });
});

test('a parameter is as good as a secret', () => {
  const stack = newStack();
  const url = EcsSecret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/flue/url' }));
  expect(FlueDatabase.fromUrlSecret(stack, 'Database', { url }).url).toBe(url);
});

test.each([[undefined, 5432], [6543, 6543]])('port %s is opened to the servers as %s', (port, opened) => {
  const stack = newStack();
  const vpc = existingVpc(stack);
  const database = FlueDatabase.fromUrlSecret(stack, 'Database', {
    url: newUrl(stack), vpc, port, securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')],
  });
  new SecurityGroup(stack, 'Server', { vpc }).connections.allowToDefaultPort(database);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-1', FromPort: opened, ToPort: opened });
});

test('a database without security groups is reached without rules', () => {
  const stack = newStack();
  const database = FlueDatabase.fromUrlSecret(stack, 'Database', { url: newUrl(stack) });
  new SecurityGroup(stack, 'Server', { vpc: new Vpc(stack, 'Vpc') }).connections.allowToDefaultPort(database);
  Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
});

test.each([1, 65535])('takes port %s', port => {
  const stack = newStack();
  expect(() => FlueDatabase.fromUrlSecret(stack, 'Database', { url: newUrl(stack), port })).not.toThrow();
});

test.each([0, 65536, 1.5])('fails for port %s', port => {
  const stack = newStack();
  expect(() => FlueDatabase.fromUrlSecret(stack, 'Database', { url: newUrl(stack), port }))
    .toThrow(`[Stack/Database] \`port\` must be a whole number from 1 to 65535, got: ${port}. Leave it out for 5432`);
});
