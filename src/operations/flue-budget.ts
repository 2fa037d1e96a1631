import { Stack } from 'aws-cdk-lib';
import { CfnBudget, CfnBudgetsAction } from 'aws-cdk-lib/aws-budgets';
import { Effect, ManagedPolicy, PolicyDocument, PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FlueBudgetProps } from './flue-budget-props';
import { refuse } from '../invariants/invariant';
import { BUDGET_LIMITS, MAX_TAG_KEY } from '../invariants/limits/budget';
import { requireListed, requireWithin, requireWritten } from '../invariants/limits/guard';
import { requireNoSecretTexts } from '../invariants/secrets-only';
import { placed } from '../invariants/types/placed';
import { requireTypes } from '../invariants/types/require-types';
import { isUnknown, settled } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

const BUDGETS = 'budgets.amazonaws.com';
/** Stands in for a limit that a lookup has yet to find. */
const UNTIL_FOUND = 1;
const WARNING_PERCENT = 80;
const LIMIT_PERCENT = 100;

/**
 * A budget of AWS Budgets: who is told what a Flue server and its model cost, and whether it may go on.
 *
 * An agent that goes in circles costs money by the hour. The budget tells you at 80 % and 100 % of the limit, and when AWS forecasts that the month will
 * pass it. With `denyBedrockTo`, it stops calls of models on Amazon Bedrock too. AWS Budgets gets its numbers several times a day, and up to a day late.
 *
 * **Cost.** None for the budget, nor for the first two actions (`denyBedrockTo`) of an account (AWS Budgets pricing, by report).
 *
 * **Security.** With `denyBedrockTo`, AWS Budgets gets a role that may attach one policy, which only denies, to the named roles, and nothing else.
 *
 * @example
 * const agents = new FlueFargateService(this, 'Agents', { image, model: FlueModel.bedrock('eu.anthropic.claude-sonnet-4-6') });
 *
 * new FlueBudget(this, 'Budget', { monthlyLimit: 200, emails: ['team@example.com'], denyBedrockTo: [agents.taskDefinition.taskRole] });
 */
export class FlueBudget extends Construct {
  /** The budget. */
  public readonly budget: CfnBudget;

  /**
   * The action that denies Amazon Bedrock at the limit.
   *
   * @default - `denyBedrockTo` is left out
   */
  public readonly action?: CfnBudgetsAction;

  /**
   * The policy that the action attaches.
   *
   * @default - `denyBedrockTo` is left out
   */
  public readonly denyPolicy?: ManagedPolicy;

  /**
   * The role with which AWS Budgets attaches the policy, and takes it off.
   *
   * @default - `denyBedrockTo` is left out
   */
  public readonly actionRole?: Role;

  public constructor(scope: Construct, id: string, props: FlueBudgetProps) {
    super(placed('FlueBudget', scope, id), id);
    requireTypes(this, 'FlueBudgetProps', props);
    requireNoSecretTexts(this, props);
    props = settled(this, props);
    requireBudget(this, props);
    const { monthlyLimit = UNTIL_FOUND, tags, topic, denyBedrockTo } = props;
    const subscribers = [
      ...(props.emails ?? []).map(address => ({ subscriptionType: 'EMAIL', address })),
      ...topic ? [{ subscriptionType: 'SNS', address: topic.topicArn }] : [],
    ];
    const told = (notificationType: string, threshold: number) => ({
      notification: { notificationType, threshold, thresholdType: 'PERCENTAGE', comparisonOperator: 'GREATER_THAN' }, subscribers,
    });
    this.budget = new CfnBudget(this, 'Budget', {
      budget: {
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyLimit, unit: 'USD' },
        costFilters: tags && { TagKeyValue: Object.entries(tags).map(([key, value]) => `user:${key}$${value}`) },
        costTypes: { includeCredit: false, includeRefund: false },
      },
      notificationsWithSubscribers: [told('ACTUAL', WARNING_PERCENT), told('ACTUAL', LIMIT_PERCENT), told('FORECASTED', LIMIT_PERCENT)],
    });
    if (topic) {
      this.allowPublishing(topic);
    }
    if (denyBedrockTo) {
      this.denyPolicy = new ManagedPolicy(this, 'DenyBedrock', {
        description: 'Attached by AWS Budgets when the limit of a month is reached',
        statements: [new PolicyStatement({ effect: Effect.DENY, actions: ['bedrock:InvokeModel*'], resources: ['*'] })],
      });
      this.actionRole = this.roleOfAction(this.denyPolicy, denyBedrockTo);
      this.action = new CfnBudgetsAction(this, 'Action', {
        budgetName: this.budget.ref,
        actionType: 'APPLY_IAM_POLICY',
        approvalModel: 'AUTOMATIC',
        notificationType: 'ACTUAL',
        actionThreshold: { type: 'PERCENTAGE', value: LIMIT_PERCENT },
        definition: { iamActionDefinition: { policyArn: this.denyPolicy.managedPolicyArn, roles: denyBedrockTo.map(({ roleName }) => roleName) } },
        executionRoleArn: this.actionRole.roleArn,
        subscribers: subscribers.map(({ subscriptionType, address }) => ({ type: subscriptionType, address })),
      });
    }
    this.node.defaultChild = this.budget;
  }

  private allowPublishing(topic: ITopic): void {
    const principals = [new ServicePrincipal(BUDGETS)];
    const conditions = this.ofThisAccount();
    const { statementAdded } = topic.addToResourcePolicy(new PolicyStatement({ principals, actions: ['sns:Publish'], resources: [topic.topicArn], conditions }));
    const ofKey = topic.masterKey?.addToResourcePolicy(
      new PolicyStatement({ principals, actions: ['kms:Decrypt', 'kms:GenerateDataKey*'], resources: ['*'], conditions }));
    if (!statementAdded) {
      WARNINGS.budgetTopicPolicy.give(this, { topic: topic.node.path });
    } else if (ofKey?.statementAdded === false) {
      WARNINGS.budgetTopicKey.give(this, { topic: topic.node.path });
    }
  }

  private roleOfAction(policy: ManagedPolicy, roles: IRole[]): Role {
    return new Role(this, 'ActionRole', {
      assumedBy: new ServicePrincipal(BUDGETS, { conditions: this.ofThisAccount() }),
      inlinePolicies: {
        Attach: new PolicyDocument({
          statements: [new PolicyStatement({
            actions: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
            resources: roles.map(({ roleArn }) => roleArn),
            conditions: { ArnEquals: { 'iam:PolicyARN': policy.managedPolicyArn } },
          })],
        }),
      },
    });
  }

  /** No budget of another account may use what this one is allowed. */
  private ofThisAccount() {
    const { account, partition } = Stack.of(this);
    return { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': `arn:${partition}:budgets::${account}:*` } };
  }
}

function requireBudget(scope: Construct, { monthlyLimit, emails, topic, tags, denyBedrockTo }: FlueBudgetProps): void {
  requireWithin(scope, monthlyLimit, BUDGET_LIMITS.monthlyLimit);
  if (!emails && !topic) {
    refuse(scope, '`emails` or `topic` must be given, got: neither', 'A budget that tells no one saves nothing: pass `{ emails: [\'team@example.com\'] }`');
  }
  requireListed(scope, emails, BUDGET_LIMITS.emails);
  emails?.forEach(email => requireWritten(scope, email, BUDGET_LIMITS.email));
  if (tags && Object.keys(tags).length === 0) {
    refuse(scope, '`tags` must have a tag, got: none', 'Leave it out for a budget of the whole account');
  }
  for (const [key, value] of Object.entries(tags ?? {})) {
    requireWritten(scope, key, { ...BUDGET_LIMITS.tags, length: MAX_TAG_KEY });
    requireWritten(scope, value, BUDGET_LIMITS.tags);
  }
  if (topic?.fifo) {
    refuse(scope, `\`topic\` must not be a FIFO topic, got: ${topic.node.path}`, 'AWS Budgets names no message group, without which a FIFO topic takes nothing. Pass a standard topic');
  }
  requireListed(scope, denyBedrockTo, BUDGET_LIMITS.denyBedrockTo);
  const names = (denyBedrockTo ?? []).map(({ roleName }) => roleName);
  const twice = names.find((name, index) => !isUnknown(name) && names.indexOf(name) < index);
  if (twice !== undefined) {
    refuse(scope, `\`denyBedrockTo\` must name each once, got: ${twice} twice`, 'Leave the second one out');
  }
}
