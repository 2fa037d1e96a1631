import { App, Fn, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FlueBudget, FlueChecks, FlueFargateService, FlueModel, type FlueBudgetProps } from '../../src';
import { imageOf, refusalOf } from '../service/support';
import { expectTemplateSnapshot } from '../support/snapshot';

const stackOf = () => new Stack(new App(), 'Test', { env: { account: '111111111111', region: 'eu-central-1' } });
const roleIn = (stack: Stack, id = 'Tasks') => new Role(stack, id, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
const EMAILS = ['team@example.com'];
const OF_ACCOUNT = {
  StringEquals: { 'aws:SourceAccount': '111111111111' },
  ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':budgets::111111111111:*']] } },
};

function budget(props: Partial<FlueBudgetProps> | ((stack: Stack) => Partial<FlueBudgetProps>) = {}) {
  const stack = stackOf();
  const made = new FlueBudget(stack, 'Budget', { monthlyLimit: 200, ...typeof props === 'function' ? props(stack) : props });
  return { stack, made, template: Template.fromStack(stack) };
}
const refusal = (props: Partial<FlueBudgetProps> | ((stack: Stack) => Partial<FlueBudgetProps>)) => refusalOf(() => budget(props));

describe('snapshots', () => {
  test('minimal properties', () => {
    expectTemplateSnapshot(budget({ emails: EMAILS }).template);
  });

  test('maximal properties', () => {
    const stack = stackOf();
    new FlueBudget(stack, 'Budget', {
      monthlyLimit: 99.5,
      emails: EMAILS,
      topic: new Topic(stack, 'Operators', { masterKey: new Key(stack, 'Key', { enableKeyRotation: true }), enforceSSL: true }),
      tags: { 'team': 'agents', 'cost:center': '7' },
      denyBedrockTo: [roleIn(stack), roleIn(stack, 'Others')],
    });
    expectTemplateSnapshot(Template.fromStack(stack));
  });
});

describe('a budget', () => {
  test('tells at 80 % and 100 %, and of a forecast above the limit', () => {
    const subscribers = [{ SubscriptionType: 'EMAIL', Address: 'team@example.com' }];
    const told = (NotificationType: string, Threshold: number) => ({
      Notification: { NotificationType, Threshold, ThresholdType: 'PERCENTAGE', ComparisonOperator: 'GREATER_THAN' }, Subscribers: subscribers,
    });
    budget({ emails: EMAILS }).template.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit: { Amount: 200, Unit: 'USD' }, CostTypes: { IncludeCredit: false, IncludeRefund: false }, CostFilters: Match.absent() },
      NotificationsWithSubscribers: [told('ACTUAL', 80), told('ACTUAL', 100), told('FORECASTED', 100)],
    });
  });

  test('counts what carries the longest tag', () => {
    const [key, value] = ['k'.repeat(128), 'v'.repeat(256)];
    budget({ emails: EMAILS, tags: { [key]: value } }).template.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { CostFilters: { TagKeyValue: [`user:${key}$${value}`] } },
    });
  });

  test('counts what carries a tag', () => {
    budget({ emails: EMAILS, tags: { team: 'agents', app: 'a b' } }).template.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: { CostFilters: { TagKeyValue: ['user:team$agents', 'user:app$a b'] } },
    });
  });

  test('denies nothing unless it is asked to', () => {
    const { made, template } = budget({ emails: EMAILS });
    template.resourceCountIs('AWS::Budgets::BudgetsAction', 0);
    template.resourceCountIs('AWS::IAM::Role', 0);
    expect([made.action, made.denyPolicy, made.actionRole]).toEqual([undefined, undefined, undefined]);
  });
});

describe('a topic', () => {
  test('of this app takes messages of budgets of this account, and so does its key', () => {
    const { stack, template } = budget(scope => ({ topic: new Topic(scope, 'Operators', { masterKey: new Key(scope, 'Key') }) }));
    const Principal = { Service: 'budgets.amazonaws.com' };
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'sns:Publish', Effect: 'Allow', Principal, Condition: OF_ACCOUNT, Resource: { Ref: Match.stringLikeRegexp('Operators') } })] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: { Statement: Match.arrayWith([Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Principal, Condition: OF_ACCOUNT })]) },
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('imported topic'));
  });

  test('whose key is that of AWS gets a warning', () => {
    const { stack } = budget(scope => ({ topic: new Topic(scope, 'Operators', { masterKey: Alias.fromAliasName(scope, 'Key', 'alias/aws/sns') }) }));
    Annotations.fromStack(stack).hasWarning('/Test/Budget', Match.stringLikeRegexp('policy of the key of the topic Test/Operators.*budgets.amazonaws.com.*cdk-flue:FlueBudget.topicKey'));
  });

  test('that is imported gets a warning', () => {
    const { stack } = budget(scope => ({ topic: Topic.fromTopicArn(scope, 'Operators', 'arn:aws:sns:eu-central-1:111111111111:operators') }));
    Annotations.fromStack(stack).hasWarning('/Test/Budget', Match.stringLikeRegexp('policy of the imported topic Test/Operators.*budgets.amazonaws.com'));
  });
});

describe('at the limit', () => {
  test('one policy, which only denies, is attached to exactly the named roles', () => {
    const { template } = budget(stack => ({ emails: EMAILS, denyBedrockTo: [roleIn(stack)] }));
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: { Statement: [{ Effect: 'Deny', Action: 'bedrock:InvokeModel*', Resource: '*' }] }, Roles: Match.absent(), Users: Match.absent(), Groups: Match.absent(),
    });
    template.hasResourceProperties('AWS::Budgets::BudgetsAction', {
      ActionType: 'APPLY_IAM_POLICY',
      ApprovalModel: 'AUTOMATIC',
      NotificationType: 'ACTUAL',
      ActionThreshold: { Type: 'PERCENTAGE', Value: 100 },
      BudgetName: { Ref: Match.stringLikeRegexp('^Budget') },
      Definition: { IamActionDefinition: { PolicyArn: { Ref: Match.stringLikeRegexp('DenyBedrock') }, Roles: [{ Ref: Match.stringLikeRegexp('^Tasks') }] } },
      Subscribers: [{ Type: 'EMAIL', Address: 'team@example.com' }],
    });
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'budgets.amazonaws.com' }, Condition: OF_ACCOUNT }] },
      Policies: [{
        PolicyDocument: {
          Statement: [{
            Effect: 'Allow',
            Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Tasks'), 'Arn'] },
            Condition: { ArnEquals: { 'iam:PolicyARN': { Ref: Match.stringLikeRegexp('DenyBedrock') } } },
          }],
        },
      }],
    });
  });

  test('a server on Bedrock passes FlueChecks with it', () => {
    const stack = stackOf();
    const agents = new FlueFargateService(stack, 'Agents', { image: imageOf(stack), model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6') });
    new FlueBudget(stack, 'Budget', { monthlyLimit: 200, emails: EMAILS, denyBedrockTo: [agents.taskDefinition.taskRole] });
    expect(new FlueChecks(stack).validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });
});

describe('a budget is refused', () => {
  test.each<[string, Partial<FlueBudgetProps> | ((stack: Stack) => Partial<FlueBudgetProps>), string]>([
    ['that tells no one', {}, '`emails` or `topic` must be given, got: neither. A budget that tells no one saves nothing'],
    ['of nothing', { emails: EMAILS, monthlyLimit: 0 }, '`monthlyLimit` must be from 0.01 to 1000000000000, got: 0. State what a month may cost, in USD'],
    ['for no address', { emails: [] }, '`emails` must be a list of 1–10 addresses, got: 0. Pass a `topic`'],
    ['for eleven addresses', { emails: Array.from({ length: 11 }, (_, index) => `a${index}@example.com`) }, '`emails` must be a list of 1–10 addresses, got: 11'],
    ['for what is no address', { emails: ['team'] }, '`emails` must be addresses with one @, without a name and without white space, got: team'],
    ['of no tag', { emails: EMAILS, tags: {} }, '`tags` must have a tag, got: none. Leave it out for a budget of the whole account'],
    ['of a tag of AWS', { emails: EMAILS, tags: { 'aws:createdBy': 'a' } }, '`tags` must be keys of 1–128 and values of 1–256 letters, digits, spaces and _.:/=+@-, without `aws:` in front, got: aws:createdBy'],
    ['of a key of 129 characters', { emails: EMAILS, tags: { ['k'.repeat(129)]: 'a' } }, '`tags` must be keys of 1–128'],
    ['of a value of 257 characters', { emails: EMAILS, tags: { team: 'a'.repeat(257) } }, '`tags` must be keys of 1–128'],
    ['that tells a FIFO topic', stack => ({ topic: new Topic(stack, 'Operators', { fifo: true }) }), '`topic` must not be a FIFO topic, got: Test/Operators. AWS Budgets names no message group'],
    ['that tells an imported FIFO topic', stack => ({ topic: Topic.fromTopicArn(stack, 'Operators', 'arn:aws:sns:eu-central-1:111111111111:operators.fifo') }), '`topic` must not be a FIFO topic'],
    ['of an impossible value', { emails: EMAILS, tags: { team: 'a$b' } }, '`tags` must be keys of 1–128'],
    ['that denies no one', { emails: EMAILS, denyBedrockTo: [] }, '`denyBedrockTo` must be a list of 1–100 roles, got: 0. Leave it out'],
    ['that denies a role twice', stack => {
      const role = roleIn(stack);
      return { emails: EMAILS, denyBedrockTo: [role, role] };
    }, '`denyBedrockTo` must name each once, got: Test/Tasks twice'],
    ['that denies an imported role twice', stack => ({ emails: EMAILS, denyBedrockTo: ['One', 'Two'].map(id => Role.fromRoleName(stack, id, 'tasks')) }),
      '`denyBedrockTo` must name each once, got: tasks twice. Leave the second one out'],
    ['that denies a role of another account', stack => ({ emails: EMAILS, denyBedrockTo: [Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::222222222222:role/tasks')] }),
      '`denyBedrockTo` must be in the account of the stack, 111111111111, got: one in 222222222222. A budget acts only on roles of its account'],
    ['for a list that only the deployment knows', { emails: Fn.split(',', Fn.importValue('Emails')) },
      '`emails` must be a list whose length is known at synthesis, got: one known only at deployment. Write each entry; it may be a token'],
  ])('%s', (_, props, message) => {
    expect(refusal(props)).toContain(message);
  });

  test.each<[string, Partial<FlueBudgetProps> | ((stack: Stack) => Partial<FlueBudgetProps>)]>([
    ['two roles that only the deployment names', stack => ({ emails: EMAILS, denyBedrockTo: ['A', 'B'].map(id => Role.fromRoleName(stack, id, Fn.importValue('Role'))) })],
    ['the most', { emails: EMAILS, monthlyLimit: 1e12 }],
    ['the least', { emails: EMAILS, monthlyLimit: 0.01 }],
    ['ten addresses', { emails: Array.from({ length: 10 }, (_, index) => `a${index}@example.com`) }],
  ])('but not %s', (_, props) => {
    expect(refusal(props)).toBe('');
  });
});
