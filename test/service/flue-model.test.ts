import { Lazy, Tags, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { CfnApplicationInferenceProfile } from 'aws-cdk-lib/aws-bedrock';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { newStack, refusalOf, secretOf } from './support';
import { FlueFargateService, FlueImage } from '../../src';
import { PROVIDER_KEY_NAMES } from '../../src/invariants/secret-shapes';
import { FlueModel } from '../../src/service/flue-model';
import { expectTemplateSnapshot } from '../support/snapshot';

const EU = { account: '111122223333', region: 'eu-central-1' };
const INVOKE = ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'];
const PARTITION = { Ref: 'AWS::Partition' };

/** The statements of the policy that a role gets. */
function grantsOf(stack: Stack, model: FlueModel): Array<{ Action: string[]; Effect: string; Resource: unknown }> {
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  model._bind(stack).grant(role);
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policies.flatMap(policy => policy.Properties.PolicyDocument.Statement);
}

const join = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });

describe('models with a key', () => {
  test.each([
    ['anthropic', FlueModel.anthropic, 'ANTHROPIC_API_KEY', 'claude-sonnet-4-6'],
    ['openai', FlueModel.openai, 'OPENAI_API_KEY', 'gpt-5'],
  ] as const)('%s sets its key and the model', (provider, create, key, model) => {
    const stack = newStack();
    const secret = secretOf(stack, 'Key');
    const bound = create(secret, model)._bind(stack);
    expect(bound.environment).toEqual({ MODEL_SPECIFIER: `${provider}/${model}` });
    expect(bound.secrets).toEqual({ [key]: secret });
  });

  test.each([
    ['anthropic', FlueModel.anthropic],
    ['openai', FlueModel.openai],
  ] as const)('%s without a model leaves the choice to the app', (_, create) => {
    const stack = newStack();
    expect(create(secretOf(stack, 'Key'))._bind(stack).environment).toEqual({});
  });

  test('no permission is granted', () => {
    const stack = newStack();
    expect(grantsOf(stack, FlueModel.anthropic(secretOf(stack, 'Key'), 'claude-sonnet-4-6'))).toEqual([]);
  });

  test.each(Object.entries(PROVIDER_KEY_NAMES))('%s reads %s', (provider, key) => {
    const stack = newStack();
    const bound = FlueModel.provider(provider, { secret: secretOf(stack, 'Key'), model: 'some-model' })._bind(stack);
    expect(Object.keys(bound.secrets)).toEqual([key]);
    expect(bound.environment).toEqual({ MODEL_SPECIFIER: `${provider}/some-model` });
  });

  test.each([
    ['groq', 'GROQ_API_KEY'],
    ['google', 'GEMINI_API_KEY'],
    ['huggingface', 'HF_TOKEN'],
    ['vercel-ai-gateway', 'AI_GATEWAY_API_KEY'],
    ['github-copilot', 'COPILOT_GITHUB_TOKEN'],
  ])('the catalogue names %s with %s', (provider, key) => {
    expect(PROVIDER_KEY_NAMES[provider]).toBe(key);
  });

  test('envName wins over the catalogue, and serves a provider it does not hold', () => {
    const stack = newStack();
    const secret = secretOf(stack, 'Key');
    expect(FlueModel.provider('groq', { secret, envName: 'MY_KEY' })._bind(stack).secrets).toEqual({ MY_KEY: secret });
    expect(FlueModel.provider('acme', { secret, envName: 'ACME_KEY', model: 'm1' })._bind(stack))
      .toMatchObject({ secrets: { ACME_KEY: secret }, environment: { MODEL_SPECIFIER: 'acme/m1' } });
  });

  test.each(['acme', 'amazon-bedrock', 'constructor'])('provider "%s" is refused without envName', provider => {
    const stack = newStack();
    const message = refusalOf(() => FlueModel.provider(provider, { secret: secretOf(stack, 'Key') })._bind(stack));
    expect(message).toContain(
      `[Agents] \`envName\` must be given for a provider that the model catalogue does not hold, got: ${provider}. `
      + 'Name the variable its client reads, or use one of anthropic, ');
  });
});

describe('models on Amazon Bedrock', () => {
  test('need no key, and get region and model', () => {
    const bound = FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6')._bind(newStack(EU));
    expect(bound.secrets).toEqual({});
    expect(bound.environment).toEqual({ MODEL_SPECIFIER: 'amazon-bedrock/eu.anthropic.claude-sonnet-4-6', AWS_REGION: 'eu-central-1' });
  });

  test('a foundation model: exactly it, in the region of the stack', () => {
    expect(grantsOf(newStack(EU), FlueModel.bedrock('anthropic.claude-sonnet-4-6'))).toEqual([{
      Action: INVOKE,
      Effect: 'Allow',
      Resource: join('arn:', PARTITION, ':bedrock:eu-central-1::foundation-model/anthropic.claude-sonnet-4-6'),
    }]);
  });

  test('a foundation model in a stack of any region', () => {
    const stack = newStack();
    expect(grantsOf(stack, FlueModel.bedrock('amazon.nova-pro-v1:0'))[0].Resource)
      .toEqual(join('arn:', PARTITION, ':bedrock:', { Ref: 'AWS::Region' }, '::foundation-model/amazon.nova-pro-v1:0'));
    expect(stack.resolve(FlueModel.bedrock('amazon.nova-pro-v1:0')._bind(stack).environment.AWS_REGION)).toEqual({ Ref: 'AWS::Region' });
  });

  test.each(['us', 'eu', 'apac', 'jp', 'au', 'ca', 'us-gov', 'global'])('an inference profile of %s: itself, and its model in every region', prefix => {
    expect(grantsOf(newStack(EU), FlueModel.bedrock(`${prefix}.anthropic.claude-sonnet-4-6`))).toEqual([{
      Action: INVOKE,
      Effect: 'Allow',
      Resource: [
        join('arn:', PARTITION, `:bedrock:eu-central-1:111122223333:inference-profile/${prefix}.anthropic.claude-sonnet-4-6`),
        join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6'),
      ],
    }]);
  });

  test.each([
    'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
    'arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abc123',
    'arn:aws:bedrock:us-east-1:111122223333:imported-model/abc123',
    'arn:aws:bedrock:us-east-1:111122223333:custom-model-deployment/abc123',
  ])('%s: exactly it', arn => {
    expect(grantsOf(newStack(EU), FlueModel.bedrock(arn))).toEqual([{ Action: INVOKE, Effect: 'Allow', Resource: arn }]);
  });

  test('the ARN of an inference profile: itself, and its model in every region', () => {
    const arn = 'arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6';
    expect(grantsOf(newStack(EU), FlueModel.bedrock(arn))).toEqual([{
      Action: INVOKE,
      Effect: 'Allow',
      Resource: [arn, join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6')],
    }]);
  });

  describe.each([
    'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123',
    'arn:aws:bedrock:us-east-1:111122223333:prompt-router/abc123',
    'arn:aws:bedrock:us-east-1:111122223333:default-prompt-router/anthropic.claude:1',
  ])('%s', arn => {
    test('and the models that it routes to', () => {
      expect(grantsOf(newStack(EU), FlueModel.bedrock(arn, { routesTo: ['amazon.nova-pro-v1:0', 'eu.anthropic.claude-sonnet-4-6', 'amazon.nova-pro-v1:0'] }))).toEqual([{
        Action: INVOKE,
        Effect: 'Allow',
        Resource: [
          arn,
          join('arn:', PARTITION, ':bedrock:eu-central-1::foundation-model/amazon.nova-pro-v1:0'),
          join('arn:', PARTITION, ':bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6'),
          join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6'),
        ],
      }]);
    });

    test.each<[string[] | undefined, string]>([
      [undefined, '`routesTo` must name the models to which `modelId` routes, got: none for an application inference profile or a prompt router. Its ARN does not tell them'],
      [[], '`routesTo` must be a list of at least 1 ids or ARNs of models on Amazon Bedrock, got: 0'],
      [['a b'], '`routesTo` must be the id or ARN of a model on Amazon Bedrock, got: a b'],
      [[arn], '`routesTo` must name foundation models or cross-region inference profiles, got: arn:aws:bedrock'],
    ])('routes to %j: refused', (routesTo, message) => {
      expect(refusalOf(() => FlueModel.bedrock(arn, { routesTo })._bind(newStack(EU)))).toContain(message);
    });
  });

  test('a profile with a region that is known later is asked for its models, too', () => {
    const stack = newStack();
    expect(refusalOf(() => FlueModel.bedrock(stack.formatArn({ service: 'bedrock', resource: 'application-inference-profile', resourceName: 'abc' }))._bind(stack))).toContain('`routesTo` must');
  });

  const SOURCE = 'arn:aws:bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6';

  test('a profile of this app: itself, and what it is copied from', () => {
    const stack = newStack(EU);
    const profile = new CfnApplicationInferenceProfile(stack, 'Profile', { inferenceProfileName: 'agents', modelSource: { copyFrom: SOURCE } });
    expect(grantsOf(stack, FlueModel.bedrock(profile.attrInferenceProfileArn))[0].Resource).toEqual([
      { 'Fn::GetAtt': ['Profile', 'InferenceProfileArn'] }, SOURCE, join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6'),
    ]);
  });

  test.each(['what only the deployment knows', 'nothing'])('a profile of this app that is copied from %s is asked for its models', source => {
    const stack = newStack(EU);
    const modelSource = source === 'nothing' ? undefined : { copyFrom: Lazy.string({ produce: () => SOURCE }) };
    const profile = new CfnApplicationInferenceProfile(stack, 'Profile', { inferenceProfileName: 'agents', modelSource });
    expect(refusalOf(() => FlueModel.bedrock(profile.attrInferenceProfileArn)._bind(stack))).toContain('`routesTo` must name the models');
    expect(() => FlueModel.bedrock(profile.attrInferenceProfileArn, { routesTo: ['amazon.nova-pro-v1:0'] })._bind(stack)).not.toThrow();
  });

  describe('tags', () => {
    const TAGS = { 'team': 'support', 'cost:center': '' };
    const PROFILE = { 'Fn::GetAtt': ['ModelProfile', 'InferenceProfileArn'] };
    const FOUNDATION = ':bedrock:eu-central-1::foundation-model/amazon.nova-pro-v1:0';
    const CROSS_REGION = ':bedrock:eu-central-1:111122223333:inference-profile/eu.anthropic.claude-sonnet-4-6';

    test.each<[modelId: string, copied: unknown, further: unknown[]]>([
      ['amazon.nova-pro-v1:0', join('arn:', PARTITION, FOUNDATION), []],
      ['eu.anthropic.claude-sonnet-4-6', join('arn:', PARTITION, CROSS_REGION), [join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6')]],
      [SOURCE, SOURCE, [join('arn:', PARTITION, ':bedrock:*::foundation-model/anthropic.claude-sonnet-4-6')]],
    ])('%s is called through a profile that has them, under permissions for both', (modelId, copied, further) => {
      const stack = newStack(EU);
      const model = FlueModel.bedrock(modelId, { tags: TAGS });
      expect(grantsOf(stack, model)).toEqual([{ Action: INVOKE, Effect: 'Allow', Resource: [PROFILE, copied, ...further] }]);
      Template.fromStack(stack).hasResourceProperties('AWS::Bedrock::ApplicationInferenceProfile', {
        InferenceProfileName: Match.stringLikeRegexp('^[0-9A-Za-z][0-9A-Za-z-]{0,63}$'),
        ModelSource: { CopyFrom: copied },
        Tags: [{ Key: 'cost:center', Value: '' }, { Key: 'team', Value: 'support' }],
      });
    });

    test('the specifier names the profile, and each service has its own', () => {
      const stack = newStack(EU);
      const model = FlueModel.bedrock('amazon.nova-pro-v1:0', { tags: TAGS });
      const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1');
      const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
      new FlueFargateService(stack, 'A', { image, vpc, model });
      new FlueFargateService(stack, 'B', { image, vpc, model });
      const template = Template.fromStack(stack);
      const profiles = Object.entries(template.findResources('AWS::Bedrock::ApplicationInferenceProfile'));
      expect(new Set(profiles.map(([, { Properties }]) => Properties.InferenceProfileName)).size).toBe(2);
      const specifiers = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) =>
        Properties.ContainerDefinitions[0].Environment.find(({ Name }: { Name: string }) => Name === 'MODEL_SPECIFIER').Value);
      expect(specifiers).toEqual(profiles.map(([id]) => join('amazon-bedrock/', { 'Fn::GetAtt': [id, 'InferenceProfileArn'] })));
    });

    test('the tags of the CDK reach the profile', () => {
      const stack = newStack(EU);
      Tags.of(stack).add('stage', 'test');
      grantsOf(stack, FlueModel.bedrock('amazon.nova-pro-v1:0', { tags: { team: 'support' } }));
      Template.fromStack(stack).hasResourceProperties('AWS::Bedrock::ApplicationInferenceProfile', { Tags: [{ Key: 'stage', Value: 'test' }, { Key: 'team', Value: 'support' }] });
    });

    const ROUTER = 'arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123';
    test.each<[what: string, modelId: string, tags: { [key: string]: string }, routesTo: string[] | undefined, message: string]>([
      ['no tag', 'amazon.nova-pro-v1:0', {}, undefined, '`tags` must have a tag, got: none. Leave it out'],
      ['a key of AWS', 'amazon.nova-pro-v1:0', { 'aws:team': 'a' }, undefined, '`tags` must be 1–128 letters, digits, spaces and _.:/=+@-, without `aws:` in front, got: aws:team'],
      ['an empty key', 'amazon.nova-pro-v1:0', { '': 'a' }, undefined, '`tags` must be 1–128 letters'],
      ['a key that is too long', 'amazon.nova-pro-v1:0', { [`a${'b'.repeat(128)}`]: 'a' }, undefined, '`tags` must be 1–128 letters'],
      ['a value of other signs', 'amazon.nova-pro-v1:0', { team: 'a&b' }, undefined, '`tags` must be at most 256 letters, digits, spaces and _.:/=+@- in a value, got: a&b'],
      ['a value that is too long', 'amazon.nova-pro-v1:0', { team: 'b'.repeat(257) }, undefined, '`tags` must be at most 256 letters'],
      ['a profile that is there', ROUTER, { team: 'a' }, ['amazon.nova-pro-v1:0'], '`tags` must be left out for an application inference profile or a prompt router, got: tags. Tag it where you make it'],
      ['a token', Lazy.string({ produce: () => 'amazon.nova-pro-v1:0' }), { team: 'a' }, undefined, '`modelId` must be known at synthesis with `tags`, got: a token'],
    ])('%s is refused, and nothing is made', (_, modelId, tags, routesTo, message) => {
      const stack = newStack(EU);
      expect(refusalOf(() => FlueModel.bedrock(modelId, { tags, routesTo })._bind(stack))).toContain(message);
      expect(stack.node.children).toEqual([]);
    });

    test('both edges of a key and a value', () => {
      const tags = { ['k'.repeat(128)]: 'v'.repeat(256), k: '' };
      expect(() => grantsOf(newStack(EU), FlueModel.bedrock('amazon.nova-pro-v1:0', { tags }))).not.toThrow();
    });
  });

  test('maximal options with tags', () => {
    const stack = newStack(EU);
    grantsOf(stack, FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6', { routesTo: ['anthropic.claude-sonnet-4-6'], tags: { team: 'support' } }));
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('maximal options', () => {
    const stack = newStack(EU);
    grantsOf(stack, FlueModel.bedrock('arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123', { routesTo: ['eu.anthropic.claude-sonnet-4-6'] }));
    expectTemplateSnapshot(Template.fromStack(stack));
  });

  test('a model known only at deployment: what it turns out to be', () => {
    const stack = newStack(EU);
    const modelArn = Lazy.string({ produce: () => 'arn:aws:bedrock:us-east-1::foundation-model/later' });
    expect(grantsOf(stack, FlueModel.bedrock(modelArn))[0].Resource).toBe('arn:aws:bedrock:us-east-1::foundation-model/later');
  });

  test('no model at all is refused', () => {
    expect(refusalOf(() => FlueModel.bedrock('')._bind(newStack()))).toContain(
      '[Agents] `modelId` must be the id or ARN of a model on Amazon Bedrock, got: an empty string. Name one, such as `eu.anthropic.claude-sonnet-4-6`');
  });
});
