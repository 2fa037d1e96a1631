import * as fs from 'fs';
import * as path from 'path';
import { ArnFormat, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { CfnExpressGatewayService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { EXPRESS_TIMERS_TYPE } from '../../invariants/template/express-load-balancer';

/** The tag that ECS puts on what it manages, and that its own policies ask for. */
const MANAGED_BY_ECS = { StringEquals: { 'aws:ResourceTag/AmazonECSManaged': 'true' } };
/** How long one run of the function may retry. */
const FUNCTION_TIMEOUT = Duration.minutes(2);
/** After that, CloudFormation no longer waits for an answer: three runs, with the pauses of Lambda between them. */
const SERVICE_TIMEOUT = Duration.minutes(10);

const HANDLER_FILE = path.join(__dirname, '..', '..', '..', 'assets', 'express', 'load-balancer-timers.js');

let handlerSource: string | undefined;

export interface ExpressLoadBalancerProps {
  readonly service: CfnExpressGatewayService;
  /** The task definition of the service: each new one runs the function again. */
  readonly taskDefinitionArn: string;
  readonly idleTimeout: Duration;
  readonly deregistrationDelay: Duration;
}

/**
 * Raises the idle timeout of the load balancer that ECS Express Mode manages, and sets the deregistration delay of its target groups.
 *
 * A function of our own, because the type has no property for either, the target groups of the service's rule are known only
 * at deployment, and the load balancer is shared: its value may be raised for a neighbour and must not be lowered.
 */
export class ExpressLoadBalancer extends Construct {
  public constructor(scope: Construct, id: string, props: ExpressLoadBalancerProps) {
    super(scope, id);
    const loadBalancerArn = props.service.attrEcsManagedResourceArnsIngressPathLoadBalancerArn;

    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: ['elasticloadbalancing:ModifyLoadBalancerAttributes'], resources: [loadBalancerArn] }));
    // not the list that the service returns: IAM refuses an empty one, and another image may bring another group
    const targetGroups = Stack.of(this).formatArn({
      service: 'elasticloadbalancing', resource: 'targetgroup', resourceName: '*', arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    role.addToPolicy(new PolicyStatement({
      actions: ['elasticloadbalancing:ModifyTargetGroupAttributes'], resources: [targetGroups], conditions: MANAGED_BY_ECS,
    }));
    // Elastic Load Balancing has no resource-level permission for its describe actions
    role.addToPolicy(new PolicyStatement({
      actions: ['elasticloadbalancing:DescribeLoadBalancerAttributes', 'elasticloadbalancing:DescribeRules'], resources: ['*'],
    }));

    const handler = new Function(this, 'Handler', {
      description: 'Sets the idle timeout and deregistration delay of a Flue server on ECS Express Mode',
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline(handlerSource ??= fs.readFileSync(HANDLER_FILE, 'utf8')),
      timeout: FUNCTION_TIMEOUT,
      role,
      logGroup,
    });
    const timers = new CustomResource(this, 'Resource', {
      resourceType: EXPRESS_TIMERS_TYPE,
      serviceToken: handler.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        LoadBalancerArn: loadBalancerArn,
        ListenerRuleArn: props.service.attrEcsManagedResourceArnsIngressPathListenerRuleArn,
        TaskDefinitionArn: props.taskDefinitionArn,
        IdleTimeoutSeconds: props.idleTimeout.toSeconds(),
        DeregistrationDelaySeconds: props.deregistrationDelay.toSeconds(),
      },
    });
    timers.node.addDependency(role);
  }
}
