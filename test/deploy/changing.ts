import { CfnOutput, CfnResource, Duration, Stack } from 'aws-cdk-lib';
import { ContainerImage, type CfnExpressGatewayService } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import type * as flue from '../../src';

export type Library = typeof flue;

/** What the constructs of the examples get on top of what the examples pass. */
export interface Changes {
  readonly fargate?: Partial<flue.FlueFargateServiceProps>;
  readonly express?: Partial<flue.FlueExpressServiceProps>;
  readonly ec2?: Partial<flue.FlueEc2ServiceProps>;
  readonly sharded?: Partial<flue.FlueShardedServiceProps>;
  readonly database?: Partial<flue.FlueDatabaseProps>;
}

/** Version 2: what a team changes a week later. */
export const LATER: Changes = {
  fargate: { cpu: 1024, memoryLimitMiB: 2048, longestRun: Duration.minutes(15), environment: { LOG_LEVEL: 'debug' } },
  express: { cpu: 1024, memoryLimitMiB: 2048, longestRun: Duration.minutes(15), environment: { LOG_LEVEL: 'debug' } },
  ec2: { environment: { LOG_LEVEL: 'debug' } },
  database: { backupRetention: Duration.days(14) },
};

/** Makes the image in the place of the one that an example builds. */
export type MakeImage = (library: Library, scope: Construct, id: string, props: flue.FlueImageProps) => flue.IFlueImage;

/** The image of a sandbox must be one of Amazon ECR: nothing else can be pulled behind its endpoints. */
const SANDBOX_IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/sandbox:1';
export const CA_BUNDLE = '/etc/ssl/certs/rds-ca-bundle.pem';

function changed<P extends { readonly environment?: { readonly [name: string]: string } }>(props: P, change: Partial<P> = {}): P {
  return { ...props, ...change, environment: { ...props.environment, ...change.environment } };
}

/** The library, with another image and with the changes of the moment. */
export function changing(library: Library, image: MakeImage, changes: () => Changes): Library {
  /** Stands for the class; what `new` gives is what it returns. */
  function AnotherImage(scope: Construct, id: string, props: flue.FlueImageProps): flue.IFlueImage {
    return image(library, scope, id, props);
  }
  AnotherImage.fromEcrRepository = library.FlueImage.fromEcrRepository;

  return {
    ...library,
    FlueImage: AnotherImage,
    FlueSandbox: {
      fargate: (options: flue.FlueFargateSandboxOptions) =>
        library.FlueSandbox.fargate({ ...options, image: ContainerImage.fromRegistry(SANDBOX_IMAGE) }),
    },
    FlueFargateService: class extends library.FlueFargateService {
      public constructor(scope: Construct, id: string, props: flue.FlueFargateServiceProps) {
        super(scope, id, changed(props, changes().fargate));
      }
    },
    FlueExpressService: class extends library.FlueExpressService {
      public constructor(scope: Construct, id: string, props: flue.FlueExpressServiceProps) {
        super(scope, id, changed(props, changes().express));
      }
    },
    FlueEc2Service: class extends library.FlueEc2Service {
      public constructor(scope: Construct, id: string, props: flue.FlueEc2ServiceProps) {
        super(scope, id, changed(props, changes().ec2));
      }
    },
    FlueShardedService: class extends library.FlueShardedService {
      public constructor(scope: Construct, id: string, props: flue.FlueShardedServiceProps) {
        super(scope, id, changed(props, changes().sharded));
      }
    },
    FlueDatabase: class extends library.FlueDatabase {
      public constructor(scope: Construct, id: string, props: flue.FlueDatabaseProps) {
        super(scope, id, { ...props, ...changes().database });
      }
    },
  } as unknown as Library;
}

/** What each service of the first example has besides: alarms, and on Express the rule of its listener as an output. */
export function watch(scope: IConstruct): void {
  for (const stack of scope.node.children.filter(Stack.isStack)) {
    const agents = stack.node.tryFindChild('Agents') as flue.FlueService | undefined;
    agents?.addAlarms({ topic: new Topic(stack, 'Alarms', { enforceSSL: true }) });
    const express = agents?.node.findAll().find(isExpress);
    if (express) {
      new CfnOutput(stack, 'ListenerRule', { value: express.attrEcsManagedResourceArnsIngressPathListenerRuleArn });
    }
  }
}

function isExpress(construct: IConstruct): construct is CfnExpressGatewayService {
  return CfnResource.isCfnResource(construct) && construct.cfnResourceType === 'AWS::ECS::ExpressGatewayService';
}
