import { join } from 'node:path';
import { CfnOutput, Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture, Secret } from 'aws-cdk-lib/aws-ecs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { FlueEc2Service, FlueExposure, FlueImage, FlueModel } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeLowCost } from './acknowledgements.ts';

export interface LowCostStackProps extends StackProps {
  /** The domain name of the agents, in an existing hosted zone. */
  readonly domainName: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
}

/** No load balancer, no database, no NAT gateway: a box of 1 GiB, a volume, an address. Parameters hold the secrets, at no price. */
export class LowCostStack extends Stack {
  public constructor(scope: Construct, id: string, props: LowCostStackProps) {
    super(scope, id, props);
    const { domainName, hostedZoneId, zoneName } = props;
    const secretOf = (name: string): Secret => Secret.fromSsmParameter(
      StringParameter.fromSecureStringParameterAttributes(this, name, { parameterName: `/flue/${name}` }),
    );

    const agents = new FlueEc2Service(this, 'Agents', {
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../../agents'), cpuArchitecture: CpuArchitecture.ARM64 }),
      instanceType: new InstanceType('t4g.micro'),
      model: FlueModel.anthropic(secretOf('ANTHROPIC_API_KEY'), 'claude-haiku-4-5'),
      secrets: { API_TOKEN: secretOf('API_TOKEN') },
      dataVolumeSize: Size.gibibytes(8),
      domainName,
      hostedZone: HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName }),
      exposure: FlueExposure.open(),
      longestRun: Duration.minutes(20),
      logRetention: RetentionDays.ONE_WEEK,
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
    acknowledgeLowCost(this, agents);
  }
}
