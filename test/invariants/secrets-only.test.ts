import { App, CfnElement, CfnParameter, CfnResource, Lazy, SecretValue, Stack } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { changed, include, judge, PARAMETER, verdictOn } from './judge';
import { box, container, express, fargate, group, withDatabase } from './templates';
import { requireNoBakedSecrets, requireNoPlainSecrets, requireNoSecretBuildArgs, requireNoSecretTexts, SECRETS_ONLY } from '../../src/invariants/secrets-only';

const FAKE_KEY = 'sk-ant-api03-abcdefghijkl';
const later = Lazy.string({ produce: () => FAKE_KEY });
const stack = () => new Stack(undefined, 'Stack');

describe('guards', () => {
  test('plain variables', () => {
    const guard = (variables: Record<string, string>) => () => requireNoPlainSecrets(stack(), 'environment', variables);
    expect(guard({ MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6', TOKENIZERS_PARALLELISM: 'false', OPENAI_API_KEY: later })).not.toThrow();
    expect(guard({ OPENAI_API_KEY: 'x' })).toThrow('[Stack] `environment` must not hold a secret in plain text, got: OPENAI_API_KEY (its name is that of a secret). '
      + 'Move it to `secrets` with `ecs.Secret.fromSecretsManager(…)` or `ecs.Secret.fromSsmParameter(…)`. (Flue-SecretsOnly)');
    expect(guard({ GREETING: FAKE_KEY })).toThrow('got: GREETING (its value looks like an Anthropic key)');
  });

  test('what CloudFormation would write down in plain text', () => {
    const scope = stack();
    const key = new Secret(scope, 'Key');
    const hidden = new CfnParameter(scope, 'Hidden', { noEcho: true });
    const shown = new CfnParameter(scope, 'Shown');
    const guard = (value: string) => () => requireNoPlainSecrets(scope, 'environment', { GREETING: value });
    for (const value of [key.secretValue.unsafeUnwrap(), `x-${key.secretValueFromJson('field').unsafeUnwrap()}`, SecretValue.secretsManager('name').unsafeUnwrap(),
      SecretValue.ssmSecure('/name').unsafeUnwrap()]) {
      expect(guard(value)).toThrow('got: GREETING (CloudFormation puts the secret in the place of the dynamic reference). Move it to `secrets`');
    }
    expect(guard(`x-${hidden.valueAsString}`)).toThrow('got: GREETING (CloudFormation puts the value in the place of its NoEcho parameter)');
    expect(guard(`postgres://flue:hunter2@${shown.valueAsString}/flue`)).toThrow('got: GREETING (its value looks like a URL with a password)');
    for (const value of [shown.valueAsString, StringParameter.valueForStringParameter(scope, '/name'), key.secretArn, `postgres://flue@${shown.valueAsString}/flue`]) {
      expect(guard(value)).not.toThrow();
    }
  });

  test('texts of any prop', () => {
    const guard = (props: object) => () => requireNoSecretTexts(stack(), props);
    const message = 'must not hold a secret in plain text, got: what looks like an Anthropic key. Move it to `secrets`';
    for (const value of [FAKE_KEY, `agents/${FAKE_KEY}`, ['a', FAKE_KEY], { name: [FAKE_KEY] }, { [FAKE_KEY]: 'name' }, `${later} ${FAKE_KEY}`]) {
      expect(guard({ serviceName: value })).toThrow(`[Stack] \`serviceName\` ${message}`);
    }
    expect(guard({ serviceName: 'agents', tags: { a: ['b'] }, count: 1, on: true, nothing: null, left: undefined, model: new Map([[FAKE_KEY, 1]]), later })).not.toThrow();
  });

  test('build arguments', () => {
    const guard = (args: Record<string, string>) => () => requireNoSecretBuildArgs(stack(), args);
    expect(guard({ NODE_VERSION: '22', COMMIT: later })).not.toThrow();
    expect(guard({ NPM_TOKEN: later })).toThrow('`buildArgs` must not hold a secret, got: NPM_TOKEN (its name is that of a secret). Build arguments stay readable');
    expect(guard({ NPM_TOKEN: '${NPM_TOKEN}' })).toThrow('NPM_TOKEN');
    expect(guard({ REGISTRY: 'https://user:hunter2@npm.example.com' })).toThrow('got: REGISTRY (its value looks like a URL with a password)');
  });

  test('a Dockerfile', () => {
    const guard = (variables: Record<string, string>) => () => requireNoBakedSecrets(stack(), 'The Dockerfile', variables);
    expect(guard({ PORT: '8080', API_KEY: '$API_KEY' })).not.toThrow();
    expect(guard({ API_KEY: 'abc' })).toThrow('The Dockerfile must not bake a secret into the image, got: API_KEY (its name is that of a secret). Remove it there');
  });
});

describe('rule on containers', () => {
  const verdict = (change: (container: any) => void) => judge(SECRETS_ONLY, container(change), 'TaskDefinition');
  const environment = (Name: string, Value: unknown) => verdict(({ Environment }) => Environment.push({ Name, Value }));

  test.each<[name: string, value: unknown]>([
    ['ANTHROPIC_API_KEY', 'abc'],
    ['DATABASE_URL', 'postgres://localhost/flue'],
    ['GREETING', FAKE_KEY],
    ['GREETING', { 'Fn::Sub': 'postgres://${AWS::StackName}:hunter2@db/flue' }],
    ['GREETING', { 'Fn::Join': ['', ['postgres://flue:hunter2@', PARAMETER, '/flue']] }],
  ])('%s=%j', (name, value) => {
    expect(environment(name, value)).toEqual([expect.stringMatching(`^\\[${name}\\] ${name} stands in plain text in container server: its (name|value)`)]);
  });

  test.each<[name: string, value: unknown]>([
    ['ANTHROPIC_API_KEY', PARAMETER],
    ['ANTHROPIC_API_KEY', '{{resolve:ssm:/anthropic/key}}'],
    ['DATABASE_URL', { 'Fn::Sub': 'postgres://flue:${Parameter}@db/flue' }],
    ['DB_SECRET', 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf'],
    ['TOKENIZERS_PARALLELISM', 'false'],
    ['SECRET_SANTA_URL', 'https://santa.example.com'],
  ])('%s=%j is none, or is known only at deployment', (name, value) => {
    expect(environment(name, value)).toBe('compliant');
  });

  test('in every container, sidecars included, each name once', () => {
    const template = changed(fargate(), ({ TaskDefinition }) => {
      const [server] = TaskDefinition.Properties.ContainerDefinitions;
      server.Environment.push({ Name: 'API_KEY', Value: 'one' });
      TaskDefinition.Properties.ContainerDefinitions.push({ Name: 'proxy', Image: 'envoy', Environment: [{ Name: 'API_KEY', Value: 'two' }, { Name: 'TOKEN', Value: 'three' }] });
    });
    expect(judge(SECRETS_ONLY, template, 'TaskDefinition')).toEqual([
      '[API_KEY] API_KEY stands in plain text in container server: its name is that of a secret',
      '[TOKEN] TOKEN stands in plain text in container proxy: its name is that of a secret',
    ]);
  });

  test.each<[where: string, change: (container: any) => void, expected: string]>([
    ['the command', definition => { definition.Command = ['sh', '-c', 'OPENAI_API_KEY=abc node dist/server.mjs']; },
      '[OPENAI_API_KEY] OPENAI_API_KEY stands in plain text in Command: its name is that of a secret'],
    ['an argument', definition => { definition.Command = ['node', 'dist/server.mjs', '--key', FAKE_KEY]; },
      '[Command] Command holds what looks like an Anthropic key in plain text'],
    ['the entry point', definition => { definition.EntryPoint = ['env', 'PGPASSWORD=hunter2', 'node']; },
      '[PGPASSWORD] PGPASSWORD stands in plain text in Command: its name is that of a secret'],
    ['a label', definition => { definition.DockerLabels = { 'com.acme.api-key': 'abc' }; },
      '[com.acme.api-key] com.acme.api-key stands in plain text in a label of container server: its name is that of a secret'],
    ['the health check', definition => { definition.HealthCheck = { Command: ['CMD-SHELL', 'curl -f http://user:hunter2@localhost:8080/health'] }; },
      '[HealthCheck] HealthCheck holds what looks like a URL with a password in plain text'],
    ['what should be a reference', definition => { definition.Secrets[0].ValueFrom = FAKE_KEY; },
      '[ANTHROPIC_API_KEY] ANTHROPIC_API_KEY holds what looks like an Anthropic key in plain text'],
  ])('in %s', (_, change, expected) => {
    expect(verdict(change)).toEqual([expected]);
  });

  const logs = (Options: object, SecretOptions?: unknown) => (definition: any) => { definition.LogConfiguration = { LogDriver: 'splunk', Options, SecretOptions }; };

  test.each<[where: string, change: (container: any) => void, expected: string]>([
    ['a log option', logs({ 'splunk-url': 'https://splunk.example.com:8088', 'splunk-token': 'abc' }),
      '[splunk-token] splunk-token stands in plain text in a log option of container server: its name is that of a secret'],
    ['a log option of Datadog', logs({ Name: 'datadog', Host: 'http-intake.logs.datadoghq.com', apikey: 'abc' }),
      '[apikey] apikey stands in plain text in a log option of container server: its name is that of a secret'],
    ['a log option of New Relic, in one of two cases', logs({ licenseKey: { 'Fn::If': ['Condition', 'abc', PARAMETER] } }),
      '[licenseKey] licenseKey stands in plain text in a log option of container server: its name is that of a secret'],
    ['a header of a log option', logs({ header: 'Authorization Bearer abc123def456' }),
      '[header] header stands in plain text in a log option of container server: its value looks like an Authorization header'],
    ['a log option of FireLens itself', definition => { definition.FirelensConfiguration = { Type: 'fluentbit', Options: { shared_key: 'abc' } }; },
      '[shared_key] shared_key stands in plain text in a FireLens option of container server: its name is that of a secret'],
    ['the hosts of a container', definition => { definition.ExtraHosts = [{ Hostname: FAKE_KEY, IpAddress: '10.0.0.1' }]; },
      '[Hostname] Hostname stands in plain text in container server: its value looks like an Anthropic key'],
    ['the image', definition => { definition.Image = `flue-agents:${FAKE_KEY}`; }, '[Image] Image holds what looks like an Anthropic key in plain text'],
    ['a list of headers', definition => { definition.Environment.push({ Name: 'OTEL_EXPORTER_OTLP_HEADERS', Value: 'authorization=Basic Zmx1ZTpodW50ZXIy' }); },
      '[OTEL_EXPORTER_OTLP_HEADERS] OTEL_EXPORTER_OTLP_HEADERS stands in plain text in container server: its value looks like an Authorization header'],
    ['a variable that CloudFormation resolves', definition => { definition.Environment.push({ Name: 'GREETING', Value: { 'Fn::Sub': 'x-{{resolve:secretsmanager:${AWS::StackName}}}' } }); },
      '[GREETING] GREETING will stand in plain text in container server: CloudFormation puts the secret in the place of the dynamic reference'],
    ['a command that CloudFormation resolves', definition => { definition.Command = ['node', 'dist/server.mjs', '{{resolve:secretsmanager:key}}']; },
      '[Command] Command will stand in plain text in container server: CloudFormation puts the secret in the place of the dynamic reference'],
  ])('in %s', (_, change, expected) => {
    const template = changed(container(change), (__, whole) => { whole.Conditions = { Condition: { 'Fn::Equals': [PARAMETER, 'yes'] } }; });
    expect(judge(SECRETS_ONLY, template, 'TaskDefinition')).toEqual([expected]);
  });

  test.each<[what: string, change: (container: any) => void]>([
    ['a log option from a store', logs({ 'splunk-url': 'https://splunk.example.com' }, [{ Name: 'splunk-token', ValueFrom: 'arn:aws:ssm:eu-west-1:111111111111:parameter/splunk' }])],
    ['the options of the usual driver', logs({ 'awslogs-group': 'agents', 'mode': 'non-blocking', 'max-buffer-size': '25m' })],
    ['a FireLens file', definition => { definition.FirelensConfiguration = { Type: 'fluentbit', Options: { 'config-file-type': 'file', 'config-file-value': '/extra.conf' } }; }],
    ['the name of a header', definition => { definition.Environment.push({ Name: 'CSRF_TOKEN', Value: 'x-csrf-token' }); }],
    ['a list of headers without a key', definition => { definition.Environment.push({ Name: 'OTEL_EXPORTER_OTLP_HEADERS', Value: 'x-tenant=agents' }); }],
  ])('%s holds no secret', (_, change) => {
    expect(verdict(change)).toBe('compliant');
  });

  test('in a tag of the task definition and the service', () => {
    const template = changed(fargate(), ({ TaskDefinition, Service }) => {
      TaskDefinition.Properties.Tags = Service.Properties.Tags = [{ Key: 'team', Value: 'agents' }, { Key: 'note', Value: FAKE_KEY }];
    });
    for (const id of ['TaskDefinition', 'Service']) {
      expect(judge(SECRETS_ONLY, template, id)).toEqual(['[note] note stands in plain text in a tag: its value looks like an Anthropic key']);
    }
  });

  test('a parameter that is hidden, or has a secret for its default, is written into the task definition', () => {
    const template = (parameter: object, value: unknown = { 'Fn::Sub': 'key:${Key}' }) => changed(container(({ Environment }) => Environment.push({ Name: 'GREETING', Value: value })),
      (_, whole) => { whole.Parameters = { Key: { Type: 'String', ...parameter } }; });
    expect(judge(SECRETS_ONLY, template({ NoEcho: true }), 'TaskDefinition')).toEqual([
      '[GREETING] GREETING will stand in plain text in container server: CloudFormation puts the value in the place of the parameter Key, which NoEcho hides only in its own answers',
    ]);
    expect(judge(SECRETS_ONLY, template({ Default: FAKE_KEY }, { Ref: 'Key' }), 'TaskDefinition')).toEqual([
      '[GREETING] GREETING will stand in plain text in container server: the default of its parameter looks like an Anthropic key',
    ]);
    for (const parameter of [{}, { NoEcho: false, Default: 'hello' }]) {
      expect(judge(SECRETS_ONLY, template(parameter), 'TaskDefinition')).toBe('compliant');
    }
  });

  test('a command that reads a variable holds no secret', () => {
    expect(verdict(definition => { definition.Command = ['sh', '-c', 'OPENAI_API_KEY=$KEY PGPASSWORD="$(cat /run/secret)" node dist/server.mjs']; })).toBe('compliant');
  });

  test('in an Express primary container', () => {
    const template = changed(express(), ({ Express }) => {
      Express.Properties.PrimaryContainer.Environment.push({ Name: 'OPENAI_API_KEY', Value: 'abc' }, { Name: 'GREETING', Value: PARAMETER });
      Express.Properties.PrimaryContainer.Command = ['--token', `ghp_${'aB3'.repeat(12)}`];
    });
    expect(judge(SECRETS_ONLY, template, 'Express')).toEqual([
      '[OPENAI_API_KEY] OPENAI_API_KEY stands in plain text in container Main: its name is that of a secret',
      '[Command] Command holds what looks like a GitHub token in plain text',
    ]);
  });

  test('build arguments in the metadata that the CDK renders', () => {
    const template = changed(fargate(), ({ TaskDefinition }) => {
      TaskDefinition.Metadata = { 'aws:asset:docker-build-args': { NODE_VERSION: '22', NPM_TOKEN: 'abc' } };
    });
    expect(judge(SECRETS_ONLY, template, 'TaskDefinition')).toEqual([
      '[NPM_TOKEN] build argument NPM_TOKEN stays readable in the history of the image: its name is that of a secret',
    ]);
  });

  test('build arguments of the image that a container runs', () => {
    const app = new Stack(new App(), 'Stack');
    const task = new ecs.FargateTaskDefinition(app, 'Task');
    task.addContainer('server', {
      image: ecs.ContainerImage.fromAsset(__dirname, { file: 'judge.ts', buildArgs: { NPM_TOKEN: 'abc', NODE_VERSION: '22' } }),
      environment: { MODEL_SPECIFIER: 'x' },
    });
    expect(verdictOn(SECRETS_ONLY, task.node.defaultChild as CfnResource)).toEqual([expect.stringMatching(/^\[NPM_TOKEN\] build argument NPM_TOKEN/)]);
  });
});

describe('rule on boxes', () => {
  const script = (line: string) => ['#!/bin/bash', line, 'docker run --init flue-agents'].join('\n');
  const userData = (value: unknown) => judge(SECRETS_ONLY, changed(box(), ({ Instance }) => { Instance.Properties.UserData = value; }), 'Instance');
  const EXPORT = script('export OPENAI_API_KEY=abc');
  const expected = ['[OPENAI_API_KEY] OPENAI_API_KEY stands in plain text in UserData: its name is that of a secret'];

  test.each<[form: string, value: unknown]>([
    ['plain', EXPORT],
    ['Fn::Base64', { 'Fn::Base64': EXPORT }],
    ['Fn::Sub', { 'Fn::Base64': { 'Fn::Sub': `${EXPORT} $\{AWS::Region}` } }],
    ['Fn::Sub with variables', { 'Fn::Base64': { 'Fn::Sub': [EXPORT.replace('abc', '${Value}'), { Value: 'abc' }] } }],
    ['Fn::Join', { 'Fn::Base64': { 'Fn::Join': ['', [...EXPORT.split('abc').slice(0, 1), 'abc', ...EXPORT.split('abc').slice(1)]] } }],
    ['base64', Buffer.from(EXPORT).toString('base64')],
    ['base64 in lines', Buffer.from(EXPORT).toString('base64').replace(/(.{20})/g, '$1\n')],
    ['docker run -e', { 'Fn::Base64': script('docker run -e OPENAI_API_KEY=abc flue-agents') }],
    ['systemd', { 'Fn::Base64': script('Environment="OPENAI_API_KEY=abc"') }],
    ['an environment file', { 'Fn::Base64': script('echo "OPENAI_API_KEY=abc" > /etc/flue.env') }],
    ['YAML', { 'Fn::Base64': script('  OPENAI_API_KEY: "abc"') }],
  ])('%s', (_, value) => {
    expect(userData(value)).toEqual(expected);
  });

  test.each<[form: string, value: unknown]>([
    ['read at boot', { 'Fn::Base64': script('export OPENAI_API_KEY=$(aws secretsmanager get-secret-value --secret-id openai --query SecretString --output text)') }],
    ['named by a parameter', { 'Fn::Base64': { 'Fn::Sub': script('export OPENAI_API_KEY=${Parameter}') } }],
    ['passed on', { 'Fn::Base64': script('docker run -e OPENAI_API_KEY flue-agents') }],
    ['a dynamic reference to no secret', { 'Fn::Base64': script('export OPENAI_BASE_URL={{resolve:ssm:/openai/url}}') }],
    ['a token of the metadata service', { 'Fn::Base64': script('TOKEN=`curl -s -X PUT http://169.254.169.254/latest/api/token`') }],
    ['in a comment, by name', { 'Fn::Base64': script('# OPENAI_API_KEY=... comes from Secrets Manager') }],
    ['imported', { 'Fn::ImportValue': 'user-data' }],
  ])('%s is none', (_, value) => {
    const template = changed(box(), ({ Instance }) => {
      Instance.Properties.UserData = value;
      Instance.Properties.Tags = [{ Key: 'cdk-flue', Value: 'server' }];
    });
    expect(judge(SECRETS_ONLY, template, 'Instance')).toBe('compliant');
  });

  test.each(['{{resolve:secretsmanager:openai}}', '{{resolve:ssm-secure:/openai/key:1}}'])('%s stands there in plain text once it is resolved', reference => {
    expect(userData({ 'Fn::Base64': script(`export OPENAI_API_KEY=${reference}`) })).toEqual([
      '[UserData] UserData will stand in plain text in the box: CloudFormation puts the secret in the place of the dynamic reference',
    ]);
  });

  test('in its tags, and in those of what it launches', () => {
    const tag = { Key: 'deploy-token', Value: 'abc' };
    expect(judge(SECRETS_ONLY, changed(box(), ({ Instance }) => { Instance.Properties.Tags = [tag]; }), 'Instance')).toEqual([
      '[deploy-token] deploy-token stands in plain text in a tag: its name is that of a secret',
    ]);
    const launched = changed(group(), ({ LaunchTemplate }) => {
      LaunchTemplate.Properties.LaunchTemplateData.TagSpecifications = [{ ResourceType: 'instance', Tags: [tag, { Key: 'team', Value: 'agents' }] }];
    });
    expect(judge(SECRETS_ONLY, launched, 'LaunchTemplate')).toEqual(['[deploy-token] deploy-token stands in plain text in a tag: its name is that of a secret']);
    expect(judge(SECRETS_ONLY, changed(group(), ({ Group }) => { Group.Properties.Tags = [{ ...tag, PropagateAtLaunch: true }]; }), 'Group')).toHaveLength(1);
  });

  test('a key without a name', () => {
    expect(userData({ 'Fn::Base64': script(`echo ${FAKE_KEY} > /etc/key`) })).toEqual(['[UserData] UserData holds what looks like an Anthropic key in plain text']);
  });

  test('in a launch template', () => {
    const template = changed(group(), ({ LaunchTemplate }) => { LaunchTemplate.Properties.LaunchTemplateData.UserData = { 'Fn::Base64': EXPORT }; });
    expect(judge(SECRETS_ONLY, template, 'LaunchTemplate')).toEqual(expected);
  });

  test('in a launch configuration', () => {
    const template = changed(group(), resources => {
      resources.LaunchTemplate = { Type: 'AWS::AutoScaling::LaunchConfiguration', Properties: { ImageId: 'ami-1', InstanceType: 't3.micro', UserData: { 'Fn::Base64': EXPORT } } };
      delete resources.Group.Properties.LaunchTemplate;
      resources.Group.Properties.LaunchConfigurationName = { Ref: 'LaunchTemplate' };
    });
    expect(judge(SECRETS_ONLY, template, 'LaunchTemplate')).toEqual(expected);
  });

  test('in the files of cfn-init', () => {
    const template = changed(box(), ({ Instance }) => {
      Instance.Metadata = { 'AWS::CloudFormation::Init': { config: { files: { '/etc/flue.env': { content: 'OPENAI_API_KEY=abc\nPORT=8080' } } } } };
    });
    expect(judge(SECRETS_ONLY, template, 'Instance')).toEqual([
      '[OPENAI_API_KEY] OPENAI_API_KEY stands in plain text in AWS::CloudFormation::Init: its name is that of a secret',
    ]);
  });
});

test.each<[step: unknown, found: unknown]>([
  [{ command: '/opt/reset.sh' }, 'compliant'],
  [['/opt/reset.sh'], 'compliant'],
  ['hunter2', ['[b_set_password] b_set_password stands in plain text in AWS::CloudFormation::Init: its name is that of a secret']],
])('a name of cfn-init that begins %j is one of a secret only where a text follows', (step, found) => {
  const template = changed(box(), ({ Instance }) => {
    Instance.Metadata = { 'AWS::CloudFormation::Init': { config: { commands: { b_set_password: step } } } };
  });
  expect(judge(SECRETS_ONLY, template, 'Instance')).toEqual(found);
});

test.each([
  ['print(f"Callback token: {callback_token[:20]}")', 'compliant'],
  ['serve --help "TOKEN=<your token>"', 'compliant'],
  ['TOKEN=abc serve', [expect.stringContaining('[TOKEN] TOKEN stands in plain text in Command')]],
])('in a command: %s', (command, found) => {
  expect(judge(SECRETS_ONLY, container(server => { server.Command = ['sh', '-c', command]; }), 'TaskDefinition')).toEqual(found);
});

describe('rule on other resources', () => {
  test('the client secret of a sign-in, which only a dynamic reference may hand on', () => {
    const OIDC = Object.fromEntries(['Issuer', 'AuthorizationEndpoint', 'TokenEndpoint', 'UserInfoEndpoint'].map(key => [key, `https://id.example.com/${key}`]));
    const template = (ClientSecret: unknown) => changed(fargate(), ({ Listener }) => {
      Listener.Properties.DefaultActions.unshift({ Type: 'authenticate-oidc', AuthenticateOidcConfig: { ClientId: 'agents', ClientSecret, ...OIDC } });
    });
    expect(judge(SECRETS_ONLY, template('hunter2'), 'Listener')).toEqual(['[ClientSecret] ClientSecret stands in plain text in DefaultActions: its name is that of a secret']);
    expect(judge(SECRETS_ONLY, template('{{resolve:secretsmanager:oidc:SecretString:secret}}'), 'Listener')).toBe('compliant');
  });

  test('the environment of a function that runs the server', () => {
    const lambda = (variables: object) => ({
      Resources: {
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Role: 'arn:aws:iam::111111111111:role/lambda',
            PackageType: 'Image',
            Code: { ImageUri: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/flue-agents:1' },
            Environment: { Variables: { PORT: '8080', ...variables } },
          },
        },
      },
    });
    expect(judge(SECRETS_ONLY, lambda({}), 'Function')).toBe('compliant');
    expect(judge(SECRETS_ONLY, lambda({ ANTHROPIC_API_KEY: '{{resolve:secretsmanager:key}}' }), 'Function')).toEqual([
      '[ANTHROPIC_API_KEY] ANTHROPIC_API_KEY will stand in plain text in a variable of the function: CloudFormation puts the secret in the place of the dynamic reference',
    ]);
    expect(judge(SECRETS_ONLY, lambda({ ANTHROPIC_API_KEY: 'abc' }), 'Function')).toEqual([
      '[ANTHROPIC_API_KEY] ANTHROPIC_API_KEY stands in plain text in a variable of the function: its name is that of a secret',
    ]);
  });

  test('a header with which CloudFront proves itself to its origin', () => {
    const template = (HeaderValue: string) => changed(fargate(), resources => {
      const origin = {
        Id: 'server',
        DomainName: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] },
        CustomOriginConfig: { OriginProtocolPolicy: 'https-only' },
        OriginCustomHeaders: [{ HeaderName: 'X-Origin-Verify', HeaderValue }],
      };
      const behavior = { TargetOriginId: 'server', ViewerProtocolPolicy: 'https-only' };
      resources.Front = { Type: 'AWS::CloudFront::Distribution', Properties: { DistributionConfig: { Enabled: true, DefaultCacheBehavior: behavior, Origins: [origin] } } };
    });
    expect(judge(SECRETS_ONLY, template('{{resolve:secretsmanager:origin:SecretString:header}}'), 'Front')).toBe('compliant');
    expect(judge(SECRETS_ONLY, template(FAKE_KEY), 'Front')).toEqual([expect.stringContaining('its value looks like an Anthropic key')]);
  });

  test('a secret of which the template holds the value', () => {
    const template = changed(fargate(), ({ DatabaseUrl }) => { DatabaseUrl.Properties = { SecretString: 'postgres://flue:hunter2@db/flue?sslmode=verify-full' }; });
    expect(judge(SECRETS_ONLY, template, 'DatabaseUrl')).toEqual(['[SecretString] SecretString holds what looks like a URL with a password in plain text']);
  });

  test('a parameter of which the template holds the value', () => {
    const template = changed(fargate(), resources => {
      resources.DatabaseUrl = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: FAKE_KEY } };
    });
    expect(judge(SECRETS_ONLY, template, 'DatabaseUrl')).toEqual(['[Value] Value holds what looks like an Anthropic key in plain text']);
  });

  test('the password of the database', () => {
    const password = (value: unknown) => changed(withDatabase(), ({ Database }) => { Database.Properties.MasterUserPassword = value; });
    expect(judge(SECRETS_ONLY, password('hunter2'), 'Database')).toEqual(['[MasterUserPassword] the password of the database stands in plain text']);
    expect(judge(SECRETS_ONLY, password(PARAMETER), 'Database')).toBe('compliant');
    expect(judge(SECRETS_ONLY, withDatabase(), 'Database')).toBe('compliant');
  });

  test('a secret that the CDK was told in plain text', () => {
    const task = new ecs.FargateTaskDefinition(include(withDatabase()).stack, 'Task');
    task.addContainer('server', { image: ecs.ContainerImage.fromRegistry('flue'), environment: { API_KEY: SecretValue.unsafePlainText('abc').unsafeUnwrap() } });
    expect(verdictOn(SECRETS_ONLY, task.node.defaultChild as CfnElement as CfnResource)).toHaveLength(1);
  });
});
