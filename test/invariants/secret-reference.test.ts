import { App, Lazy, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { changed, judge, verdictOn } from './judge';
import { fargate } from './templates';
import { FlueAuth, FlueDatabase, FlueFargateService, FlueImage, FlueModel, FlueTelemetry, type FlueFargateServiceProps } from '../../src';
import { SECRET_REFERENCE } from '../../src/invariants/secret-reference';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret';
const newStack = () => new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });

type Import = (stack: Stack) => ISecret;
const BY_NAME: ReadonlyArray<[string, Import]> = [
  ['a name', stack => Secret.fromSecretNameV2(stack, 'Secret', 'anthropic-secret')],
  ['a name with a path', stack => Secret.fromSecretNameV2(stack, 'Secret', 'prod/agents-openai')],
  ['a name with digits', stack => Secret.fromSecretNameV2(stack, 'Secret', 'agents-prod01')],
  ['a partial ARN', stack => Secret.fromSecretPartialArn(stack, 'Secret', `${ARN}:anthropic-secret`)],
  ['a partial ARN with a key', stack => Secret.fromSecretAttributes(stack, 'Secret', { secretPartialArn: `${ARN}:anthropic-secret`, encryptionKey: new Key(stack, 'Key') })],
];
const READABLE: ReadonlyArray<[string, Import]> = [
  ['a complete ARN', stack => Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}:anthropic-secret`)],
  ['a complete ARN of six letters', stack => Secret.fromSecretCompleteArn(stack, 'Secret', `${ARN}:anthropic-AbCdEf`)],
  ['a name without hyphen', stack => Secret.fromSecretNameV2(stack, 'Secret', 'secret')],
  ['five characters', stack => Secret.fromSecretNameV2(stack, 'Secret', 'anthropic-token')],
  ['seven characters', stack => Secret.fromSecretNameV2(stack, 'Secret', 'anthropic-secrets')],
  ['another character', stack => Secret.fromSecretNameV2(stack, 'Secret', 'anthropic-se_ret')],
  ['a name that is known later', stack => Secret.fromSecretNameV2(stack, 'Secret', `agents-${Lazy.string({ produce: () => 'secret' })}`)],
  ['a secret of this app', stack => new Secret(stack, 'Secret', { secretName: 'anthropic-secret' })],
];

const certificate = (stack: Stack) => acm.Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1');
const service = (props: (secret: ISecret, stack: Stack) => Partial<FlueFargateServiceProps>) => (stack: Stack, secret: ISecret) => {
  new FlueFargateService(stack, 'Agents', { image: FlueImage.fromRegistry(stack, 'Image', 'acme/agents:1', { caBundlePath: '/etc/rds.pem' }), ...props(secret, stack) });
};
const ENDPOINT = 'https://id.example.com';

/** Every place where a secret is taken. */
const TAKERS: ReadonlyArray<[prop: string, got: string, take: (stack: Stack, secret: ISecret) => void]> = [
  ['secrets', ' for ANTHROPIC_API_KEY', service(secret => ({ secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(secret) } }))],
  ['secrets', ' for ANTHROPIC_API_KEY', service(secret => ({ secrets: { ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(secret, 'key') } }))],
  ['model', ' for ANTHROPIC_API_KEY', service(secret => ({ model: FlueModel.anthropic(ecs.Secret.fromSecretsManager(secret)) }))],
  ['telemetry', ' for OTEL_EXPORTER_OTLP_HEADERS', service(secret => ({ telemetry: FlueTelemetry.otlp({ endpoint: ENDPOINT, headers: ecs.Secret.fromSecretsManager(secret) }) }))],
  ['config', ' for AOT_CONFIG_CONTENT', service(secret => ({ telemetry: FlueTelemetry.adot({ config: ecs.Secret.fromSecretsManager(secret) }) }))],
  ['url', ' for DATABASE_URL', (stack, secret) => { FlueDatabase.fromUrlSecret(stack, 'Database', { url: ecs.Secret.fromSecretsManager(secret) }); }],
  ['credentials', '', (stack, secret) => { new FlueDatabase(stack, 'Database', { vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 }), credentials: secret }); }],
  ['credentials', '', (stack, secret) => { FlueImage.fromRegistry(stack, 'Image', 'acme/agents:1', { credentials: secret }); }],
  ['administrator', '', (stack, secret) => { FlueDatabase.fromAdministratorSecret(stack, 'Database', { administrator: secret, host: 'db.example.com', databaseName: 'app' }); }],
  ['clientSecret', '', service((secret, stack) => ({
    certificate: certificate(stack),
    auth: FlueAuth.oidc({
      issuer: ENDPOINT, authorizationEndpoint: `${ENDPOINT}/a`, tokenEndpoint: `${ENDPOINT}/t`, userInfoEndpoint: `${ENDPOINT}/u`, clientId: 'agents', clientSecret: secret,
    }),
  }))],
];

describe.each(TAKERS)('%s%s', (prop, got, take) => {
  test.each(BY_NAME)('refuses %s that reads as a complete ARN', (_, make) => {
    const stack = newStack();
    const secret = make(stack);
    expect(() => take(stack, secret)).toThrow(`\`${prop}\` must not refer by name to a secret whose name ends in a hyphen and six characters, got: ${
      secret.secretArn.split(':secret:')[1]}${got}. Secrets Manager would read that as a complete ARN. Import it with \`Secret.fromSecretCompleteArn(…)\``);
  });

  test.each(READABLE.filter(([name]) => prop !== 'credentials' || name !== 'a secret of this app'))('takes %s', (_, make) => {
    const stack = newStack();
    const secret = make(stack);
    expect(() => take(stack, secret)).not.toThrow();
  });
});

test('asking changes no policy of a key', () => {
  const stack = newStack();
  const key = new Key(stack, 'Key');
  const before = JSON.stringify(stack.resolve(key.node.defaultChild!.node.children));
  const secret = Secret.fromSecretAttributes(stack, 'Secret', { secretPartialArn: `${ARN}:anthropic-secret`, encryptionKey: key });
  expect(() => TAKERS[0][2](stack, secret)).toThrow('SecretReference');
  expect(JSON.stringify(stack.resolve(key.node.defaultChild!.node.children))).toBe(before);
});

test('a field with a colon is refused, and one without is not', () => {
  const taken = (field: string, secret: Import) => () => {
    const stack = newStack();
    service(given => ({ secrets: { KEY: ecs.Secret.fromSecretsManager(given, field) } }))(stack, secret(stack));
  };
  for (const secret of [(stack: Stack) => new Secret(stack, 'Secret'), (stack: Stack) => Secret.fromSecretNameV2(stack, 'Secret', 'key'), READABLE[0][1]]) {
    expect(taken('a:b', secret)).toThrow('`secrets` must name a field of JSON without a colon, got: :a:b:: behind the secret for KEY. ECS reads a field, a stage and a version');
    expect(taken('a.b', secret)).not.toThrow();
  }
});

test('a name in the place of an ARN is refused, a parameter is not', () => {
  const stack = newStack();
  // the types know it no longer, JavaScript does
  const { fromSecretName } = Secret as unknown as { readonly fromSecretName: typeof Secret.fromSecretNameV2 };
  expect(() => TAKERS[0][2](stack, fromSecretName(stack, 'Secret', 'anthropic'))).toThrow(
    '`secrets` must refer to secrets by their ARN, got: the name anthropic for ANTHROPIC_API_KEY. ECS reads a name as that of a parameter');
  const parameter = ecs.Secret.fromSsmParameter(StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/agents/my-secret' }));
  const other = newStack();
  expect(() => service(() => ({ secrets: { ANTHROPIC_API_KEY: parameter } }))(other, undefined as never)).not.toThrow();
});

describe('in a template', () => {
  const policy = (resource: unknown) => ({ Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'secrets', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: resource }] } } });
  const verdict = (reference: unknown, resource?: unknown) => judge(SECRET_REFERENCE, changed(fargate(), resources => {
    resources.TaskDefinition.Properties.ContainerDefinitions[0].Secrets[0].ValueFrom = reference;
    if (resource !== undefined) {
      resources.Policy = policy(resource);
    }
  }), 'TaskDefinition');
  const sub = (text: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${text}` });
  const found = (arn: string) => [`[ANTHROPIC_API_KEY] ANTHROPIC_API_KEY refers to ${arn}, which Secrets Manager reads as a complete ARN`];

  test.each([
    [`${ARN}:anthropic-secret`, `${ARN}:anthropic-secret-??????`],
    [`${ARN}:anthropic-secret`, [`${ARN}:other-*`, `${ARN}:anthropic-secret-*`]],
    [`${ARN}:anthropic-secret:key::`, `${ARN}:anthropic-secret-??????`],
  ])('finds %s beside a policy for %j', (reference, resource) => {
    expect(verdict(reference, resource)).toEqual(found(`${ARN}:anthropic-secret`));
  });

  test.each<[reference: unknown, parts: string | undefined]>([
    [`${ARN}:key-AbCdEf:a:b::`, ':a:b::'],
    [{ 'Fn::Join': ['', [{ Ref: 'DatabaseUrl' }, ':a:b::']] }, ':a:b::'],
    [sub('key-AbCdEf:a:AWSCURRENT:1:'), ':a:AWSCURRENT:1:'],
    [`${ARN}:key-AbCdEf:a::`, undefined],
    [{ 'Fn::Join': ['', [{ Ref: 'DatabaseUrl' }, ':a:AWSPENDING:']] }, undefined],
    ['arn:aws:ssm:eu-west-1:111111111111:parameter/a:1:2:3:4', undefined],
  ])('finds more than field, stage and version in %j', (reference, parts) => {
    expect(verdict(reference)).toEqual(parts === undefined ? 'compliant'
      : [`[ANTHROPIC_API_KEY] ANTHROPIC_API_KEY has ${parts} behind its secret, which is more than a field, a stage and a version`]);
  });

  test('finds one whose name is known in part', () => {
    const name = '${AWS::StackName}-secret';
    expect(verdict(sub(name), sub(`${name}-??????`))).toEqual(found(`arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}`));
  });

  test('finds one that is composed', () => {
    expect(verdict(sub('anthropic-secret'), sub('anthropic-secret-*'))).toEqual(found('arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:anthropic-secret'));
  });

  test.each<[unknown, unknown]>([
    [`${ARN}:anthropic-secret`, undefined],
    [`${ARN}:anthropic-AbCdEf`, `${ARN}:anthropic-AbCdEf`],
    [`${ARN}:anthropic-secret`, `${ARN}:anthropic-secret-prod-*`],
    [`${ARN}:anthropic-secret`, `${ARN}:*`],
    [`${ARN}:anthropic-token`, `${ARN}:anthropic-token-*`],
    [`${ARN}:anthropic-secret-AbCdEf`, `${ARN}:anthropic-secret-*`],
    [{ Ref: 'DatabaseUrl' }, `${ARN}:anthropic-secret-*`],
  ])('is silent on %j beside a policy for %j', (reference, resource) => {
    expect(verdict(reference, resource)).toBe('compliant');
  });

  test('finds what the L2 of ECS makes of a name', () => {
    const stack = newStack();
    const task = new ecs.FargateTaskDefinition(stack, 'Task');
    task.addContainer('server', {
      image: ecs.ContainerImage.fromRegistry('acme/agents'),
      environment: { MODEL_SPECIFIER: 'x' },
      secrets: { OPENAI_API_KEY: ecs.Secret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Secret', 'agents-openai')) },
    });
    expect(verdictOn(SECRET_REFERENCE, task.node.defaultChild as ecs.CfnTaskDefinition)).toEqual([
      expect.stringMatching(/^\[OPENAI_API_KEY\] OPENAI_API_KEY refers to arn:.*:secret:agents-openai, which/),
    ]);
  });
});
