import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Size, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Secret as ManagerSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { found } from './facts';
import { FlueDatabase, FlueEc2Service, FlueExpressService, FlueFargateService, FlueImage, FlueModel, type FlueService, type FlueTaskProps } from '../../src';
import { AppTemplate } from '../../src/invariants/template/app-template';
import { FlueServers } from '../../src/invariants/template/flue-servers';

type Props = Required<Pick<FlueTaskProps, 'vpc' | 'image' | 'model'>>;

/** The stacks that the pictures show: each is the ten lines of the README, on its platform. */
const STACKS = {
  express: (stack: Stack, props: Props) => new FlueExpressService(stack, 'Agents', { ...props, database: databaseIn(stack, props) }),
  fargate: (stack: Stack, props: Props) => new FlueFargateService(stack, 'Agents', {
    ...props,
    database: databaseIn(stack, props),
    certificate: Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:us-east-1:111111111111:certificate/00000000-0000-4000-8000-000000000000'),
  }),
  box: (stack: Stack, props: Props) => new FlueEc2Service(stack, 'Agents', {
    ...props,
    domainName: 'agents.example.com',
    dataVolumeSize: Size.gibibytes(8),
  }),
} satisfies Record<string, (stack: Stack, props: Props) => FlueService>;

export type Platform = keyof typeof STACKS;

function databaseIn(stack: Stack, { vpc }: Props): FlueDatabase {
  return new FlueDatabase(stack, 'Database', { vpc });
}

export interface Synthesized {
  readonly servers: FlueServers;
  /** Of the address that the service gives out. */
  readonly scheme: string;
}

/** The synthesized template of a platform, as the rules read it. */
export function synthesized(platform: Platform): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk-flue-pictures-'));
  try {
    const app = new App({ outdir, analyticsReporting: false });
    const stack = new Stack(app, 'Picture');
    const service = STACKS[platform](stack, {
      vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 0 }),
      image: FlueImage.fromRegistry(stack, 'Image', 'registry.example.com/agents:1'),
      model: FlueModel.anthropic(Secret.fromSecretsManager(new ManagerSecret(stack, 'Key')), 'claude-sonnet-4-6'),
    });
    new CfnOutput(stack, 'Url', { value: service.url });
    const { Outputs } = app.synth().getStackByName(stack.stackName).template;
    return { servers: new FlueServers(new AppTemplate(app)), scheme: found(JSON.stringify(Outputs.Url.Value), /"(https?):/) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
