import * as fs from 'fs';
import * as path from 'path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { CfnExpressGatewayService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { EXPRESS_TIMERS_TYPE } from '../../invariants/template/express-load-balancer';

const HANDLER_FILE = path.join(__dirname, '..', '..', '..', 'assets', 'express', 'load-balancer-timers.js');

let handlerSource: string | undefined;

export interface ExpressLoadBalancerProps {
  readonly service: CfnExpressGatewayService;
  readonly idleTimeout: Duration;
  readonly deregistrationDelay: Duration;
}

/**
 * Raises the idle timeout of the load balancer that ECS Express Mode manages, and sets the deregistration delay of its target groups.
 *
 * A function of our own, because the type has no property for either, the number of target groups is known only
 * at deployment, and the load balancer is shared: its value may be raised for a neighbour and must not be lowered.
 */
export class ExpressLoadBalancer extends Construct {
  public constructor(scope: Construct, id: string, props: ExpressLoadBalancerProps) {
    super(scope, id);
    const loadBalancerArn = props.service.attrEcsManagedResourceArnsIngressPathLoadBalancerArn;
    const targetGroupArns = props.service.attrEcsManagedResourceArnsIngressPathTargetGroupArns;

    const logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: ['elasticloadbalancing:ModifyLoadBalancerAttributes'], resources: [loadBalancerArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ['elasticloadbalancing:ModifyTargetGroupAttributes'], resources: targetGroupArns }));
    // Elastic Load Balancing has no resource-level permission for its describe actions
    role.addToPolicy(new PolicyStatement({ actions: ['elasticloadbalancing:DescribeLoadBalancerAttributes'], resources: ['*'] }));

    const handler = new Function(this, 'Handler', {
      description: 'Sets the idle timeout and deregistration delay of a Flue server on ECS Express Mode',
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline(handlerSource ??= fs.readFileSync(HANDLER_FILE, 'utf8')),
      timeout: Duration.minutes(2),
      role,
      logGroup,
    });
    const timers = new CustomResource(this, 'Resource', {
      resourceType: EXPRESS_TIMERS_TYPE,
      serviceToken: handler.functionArn,
      properties: {
        LoadBalancerArn: loadBalancerArn,
        TargetGroupArns: targetGroupArns,
        IdleTimeoutSeconds: props.idleTimeout.toSeconds(),
        DeregistrationDelaySeconds: props.deregistrationDelay.toSeconds(),
      },
    });
    timers.node.addDependency(role);
  }
}
