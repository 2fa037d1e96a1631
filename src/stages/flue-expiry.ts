import { CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { FlueSchema } from '../database/flue-schema';
import { refuse } from '../invariants/invariant';
import { placed } from '../invariants/types/placed';
import { requireTypes } from '../invariants/types/require-types';
import { WARNINGS } from '../invariants/warnings';

/** What CloudFormation leaves behind of a stack that it deletes. */
const KEPT = [CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE, CfnDeletionPolicy.SNAPSHOT];

/** A schedule writes its year with four digits. */
const LAST_YEAR = 9999;

/**
 * Properties of the end of a stack.
 */
export interface FlueExpiryProps {
  /**
   * When CloudFormation deletes the stack, to the second. Each deployment may move it: `new Date(Date.now() + 3 * 24 * 3600 * 1000)` is
   * three days after the last one.
   *
   * Throws for a time that has passed.
   */
  readonly at: Date;
}

/**
 * The end of a stack that nobody may forget, such as a preview of a pull request: at a given time, Amazon EventBridge Scheduler has
 * CloudFormation delete it, and all that is in it.
 *
 * The schedule may delete this stack and no other. CloudFormation deletes the resources with the role that deployed them, which is that of
 * the CDK bootstrap unless you chose another.
 *
 * Throws for a second one in a stack. Synthesis fails where CloudFormation could not delete the stack: with `terminationProtection`, or with a database, table, user pool or load
 * balancer that has deletion protection. A warning names what would stay, and might cost you money. `RemovalPolicies.of(this).destroy()` lets go of it.
 *
 * If other stacks import values of this one, give it a later time than them: CloudFormation deletes no stack whose exports are in use.
 *
 * **Cost.** None: one invocation of a schedule.
 *
 * @example
 * RemovalPolicies.of(this).destroy();
 * new FlueExpiry(this, 'Expiry', { at: new Date(Date.now() + 3 * 24 * 3600 * 1000) });
 */
export class FlueExpiry extends Construct {
  /** The schedule that deletes the stack. */
  public readonly schedule: Schedule;

  /** The role of the schedule. */
  public readonly role: Role;

  public constructor(scope: Construct, id: string, props: FlueExpiryProps) {
    super(placed('FlueExpiry', scope, id), id);
    requireTypes(this, 'FlueExpiryProps', props);
    const stack = Stack.of(this);
    if (stack.nested) {
      refuse(this, `\`scope\` must be in a stack of its own, got: the nested stack ${stack.node.path}`, 'Put the expiry into the stack around it, which takes the nested one along');
    }
    requireFuture(this, props.at);
    const other = stack.node.findAll().find(construct => construct instanceof FlueExpiry && construct !== this && Stack.of(construct) === stack);
    if (other) {
      refuse(this, `\`scope\` must be in a stack without another FlueExpiry, got: one with ${other.node.path}`, 'The earlier one would delete the stack: keep one of the two');
    }

    this.role = new Role(this, 'Role', {
      description: 'Deletes the stack that it is in',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': stack.account } } }),
    });
    this.schedule = new Schedule(this, 'Schedule', {
      description: 'Deletes the stack that it is in',
      schedule: ScheduleExpression.at(props.at),
      target: new Universal({
        service: 'cloudformation',
        action: 'deleteStack',
        input: ScheduleTargetInput.fromObject({ StackName: stack.stackId }),
        policyStatements: [new PolicyStatement({ actions: ['cloudformation:DeleteStack'], resources: [stack.stackId] })],
        role: this.role,
      }),
    });
    this.node.defaultChild = this.schedule;
    // policies and protection may be set after the expiry is made
    this.node.addValidation({ validate: () => this.judge(stack) });
  }

  private judge(stack: Stack): string[] {
    const resources = stack.node.findAll().filter(CfnResource.isCfnResource);
    const kept = resources.filter(({ cfnOptions: { deletionPolicy } }) => deletionPolicy !== undefined && KEPT.includes(deletionPolicy));
    // a schema is no resource, and goes only where it says so
    const schemas = stack.node.findAll().filter(child => child instanceof FlueSchema && child._outlivesStack && Stack.of(child) === stack);
    const staying = [...kept, ...schemas];
    if (staying.length > 0) {
      WARNINGS.expiryKeeps.give(this, { kept: staying.map(({ node }) => node.path.replace(`${stack.node.path}/`, '')) });
    }
    const blocked = resources.filter(isProtected).map(({ node }) => `deletion protection of ${node.path}`);
    return [...stack.terminationProtection ? ['terminationProtection'] : [], ...blocked]
      .map(what => `The stack must be one that CloudFormation can delete, got: ${what}. Turn it off, or take the FlueExpiry out.`);
  }
}

function requireFuture(scope: Construct, at: Date): void {
  const time = at.getTime();
  if (Number.isNaN(time) || time <= Date.now() || at.getUTCFullYear() > LAST_YEAR) {
    refuse(scope, `\`at\` must be a time to come, before the year ${LAST_YEAR + 1}, got: ${Number.isNaN(time) ? 'no time' : at.toISOString()}`,
      'Count it from now, as in `new Date(Date.now() + 3 * 24 * 3600 * 1000)`');
  }
}

/** Whether a database, a table, a user pool or a load balancer refuses to be deleted. */
function isProtected(resource: CfnResource): boolean {
  const { deletionProtection, deletionProtectionEnabled, loadBalancerAttributes } = resource as {
    readonly deletionProtection?: unknown; readonly deletionProtectionEnabled?: unknown; readonly loadBalancerAttributes?: unknown;
  };
  const given = [deletionProtection ?? deletionProtectionEnabled ?? false, loadBalancerAttributes ?? []];
  const [isOn, list] = Stack.of(resource).resolve(given) as [unknown, unknown];
  const attributes = Array.isArray(list) ? list as { readonly key?: string; readonly value?: string }[] : [];
  return isOn === true || isOn === 'ACTIVE' || attributes.some(({ key, value }) => key === 'deletion_protection.enabled' && value === 'true');
}
