import { join } from 'node:path';
import { CfnOutput, Size, Stack } from 'aws-cdk-lib';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture, Secret } from 'aws-cdk-lib/aws-ecs';
import { FlueEc2Service, FlueExposure, FlueImage } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeEc2 } from './acknowledgements.ts';
import type { FlueServerStackProps } from './data-stack.ts';
import { PreviewBase } from './preview-base.ts';

/** The agents on a box of their own, with their state in a SQLite file: no load balancer and no database to pay for. */
export class FlueEc2Stack extends Stack {
  public constructor(scope: Construct, id: string, props: FlueServerStackProps) {
    super(scope, id, props);
    const { vpc, providerKey, apiToken } = props.shared ?? new PreviewBase(this, 'Base');

    const agents = new FlueEc2Service(this, 'Agents', {
      vpc,
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../agents'), cpuArchitecture: CpuArchitecture.ARM64 }),
      environment: { MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6' },
      secrets: {
        ANTHROPIC_API_KEY: Secret.fromSecretsManager(providerKey),
        API_TOKEN: Secret.fromSecretsManager(apiToken),
      },
      dataVolumeSize: Size.gibibytes(8),
      // replace this documentation address with your own, or pass `domainName` for HTTPS
      exposure: FlueExposure.toPeers(Peer.ipv4('203.0.113.7/32')),
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
    acknowledgeEc2(this, agents);
  }
}
