import { join } from 'node:path';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ListenerAction, ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { FlueExposure, FlueFargateService, FlueImage } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeFargate } from './acknowledgements.ts';
import type { FlueDataStack, FlueServerStackProps } from './data-stack.ts';
import { exportToPreviews, fromBase, PreviewBase } from './preview-base.ts';
import { isPreview, previewPort, schemaOptions } from './stage.ts';

/** How long the load balancer of the previews keeps a connection on which nothing is sent. */
const IDLE_TIMEOUT = Duration.minutes(11);

/** The agents on ECS Fargate behind a load balancer: of their own, or of all previews. */
export class FlueFargateStack extends Stack {
  /** Adds the load balancer of the previews. Each of them opens a port of it. */
  public static addPreviewBalancer(base: FlueDataStack): void {
    const balancer = new ApplicationLoadBalancer(base, 'LoadBalancer', { vpc: base.vpc, internetFacing: true, idleTimeout: IDLE_TIMEOUT });
    exportToPreviews(base, {
      LoadBalancer: balancer.loadBalancerArn,
      LoadBalancerName: balancer.loadBalancerDnsName,
      LoadBalancerGroup: balancer.connections.securityGroups[0]!.securityGroupId,
    });
  }

  public constructor(scope: Construct, id: string, props: FlueServerStackProps) {
    super(scope, id, props);
    const { vpc, database, providerKey, apiToken } = props.shared ?? new PreviewBase(this, 'Base');

    const agents = new FlueFargateService(this, 'Agents', {
      vpc,
      // the other server of the database has a schema of its own
      database: database.addSchema('Fargate', schemaOptions(this, 'fargate')),
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../agents') }),
      // undefined stands for the default
      exposure: isPreview(this) ? this.throughPreviewPort(vpc) : undefined,
      cpu: isPreview(this) ? 256 : undefined,
      memoryLimitMiB: isPreview(this) ? 512 : undefined,
      environment: { MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6' },
      secrets: {
        ANTHROPIC_API_KEY: Secret.fromSecretsManager(providerKey),
        API_TOKEN: Secret.fromSecretsManager(apiToken),
      },
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
    acknowledgeFargate(this, agents);
  }

  /** A port of the load balancer that the previews share, over plain HTTP: there is no domain name to hold a certificate for. */
  private throughPreviewPort(vpc: IVpc): FlueExposure {
    const [port, host] = [previewPort(this), fromBase('LoadBalancerName')];
    const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(this, 'LoadBalancer', {
      vpc,
      loadBalancerArn: fromBase('LoadBalancer'),
      loadBalancerDnsName: host,
      securityGroupId: fromBase('LoadBalancerGroup'),
      securityGroupAllowsAllOutbound: false,
    });
    const listener = new ApplicationListener(this, 'Listener', {
      loadBalancer, port, protocol: ApplicationProtocol.HTTP, defaultAction: ListenerAction.fixedResponse(404),
    });
    return FlueExposure.throughListener(listener, {
      conditions: [ListenerCondition.pathPatterns(['/*'])], priority: 1, idleTimeout: IDLE_TIMEOUT, url: `http://${host}:${port}`,
    });
  }
}
