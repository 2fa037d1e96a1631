import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays, type CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { FlueChecks, FlueEc2Service, FlueExpressService, FlueFargateService, type FlueServiceProps } from '../../src';
import { imageOf, refusalOf } from '../service/support';

const VARIANTS: [string, (stack: Stack, props: Partial<FlueServiceProps>) => unknown][] = [
  ['Fargate', (stack, props) => new FlueFargateService(stack, 'Agents', { image: imageOf(stack), ...props })],
  ['Express', (stack, props) => new FlueExpressService(stack, 'Agents', { image: imageOf(stack), ...props })],
  ['EC2', (stack, props) => new FlueEc2Service(stack, 'Agents', { image: imageOf(stack), ...props })],
];
const env = { account: '111111111111', region: 'eu-central-1' };

const logsStatement = (contextArn: unknown, service: unknown) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
  Resource: '*',
  Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': contextArn } },
});

describe.each(VARIANTS)('the logs of %s', (_, serve) => {
  test('may go to a group of the user, and to no other', () => {
    const stack = new Stack(new App(), 'Test', { env });
    const logGroup = new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_WEEK });
    serve(stack, { logGroup });
    const groups = Object.keys(Template.fromStack(stack).findResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 7 } }));
    expect(groups).toEqual([stack.getLogicalId(logGroup.node.defaultChild as CfnLogGroup)]);
    expect(stack.node.findChild('Agents').node.tryFindChild('LogGroup')).toBeUndefined();
  });

  test.each<[string, (stack: Stack) => Partial<FlueServiceProps>]>([
    ['logRetention', () => ({ logRetention: RetentionDays.ONE_DAY })],
    ['logEncryptionKey', stack => ({ logEncryptionKey: new Key(stack, 'Key') })],
  ])('are refused with a group and `%s`', (prop, props) => {
    const stack = new Stack(new App(), 'Test', { env });
    const logGroup = new LogGroup(stack, 'Logs');
    expect(refusalOf(() => serve(stack, { logGroup, ...props(stack) }))).toContain(`\`${prop}\` must be left out with \`logGroup\`, got: both`);
    expect(stack.node.findChild('Agents').node.children).toHaveLength(0);
  });

  test('are encrypted with a key that lets CloudWatch Logs use it, in this account and region only', () => {
    const stack = new Stack(new App(), 'Test', { env });
    serve(stack, { logEncryptionKey: new Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    const [key] = Object.keys(template.findResources('AWS::KMS::Key'));
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] }, RetentionInDays: 30 });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([logsStatement(
          { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:eu-central-1:111111111111:log-group:*']] }, 'logs.eu-central-1.amazonaws.com',
        )]),
      },
    });
  });

  test('may have a key of another stack, in an environment that only the deployment knows', () => {
    const app = new App();
    const keys = new Stack(app, 'Keys');
    const key = new Key(keys, 'Key');
    const stack = new Stack(app, 'Test');
    serve(stack, { logEncryptionKey: key });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::ImportValue': Match.stringLikeRegexp('Key') } });
    Template.fromStack(keys).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([logsStatement(
          { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':log-group:*']] },
          { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] },
        )]),
      },
    });
  });

  test('may have a key that exists, whose policy is not ours', () => {
    const stack = new Stack(new App(), 'Test', { env });
    const arn = 'arn:aws:kms:eu-central-1:111111111111:key/0a1b';
    serve(stack, { logEncryptionKey: Key.fromKeyArn(stack, 'Key', arn) });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
    Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 0);
  });

  test('have no key of their own by default', () => {
    const stack = new Stack(new App(), 'Test', { env });
    serve(stack, {});
    Template.fromStack(stack).allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.absent() });
  });

  test('bring no finding of FlueChecks with a key', () => {
    const findings = (withKey: boolean) => {
      const app = new App();
      const stack = new Stack(app, 'Test', { env });
      serve(stack, withKey ? { logEncryptionKey: new Key(stack, 'Key') } : {});
      return new FlueChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);
    };
    expect(findings(true)).toEqual(findings(false));
  });
});
