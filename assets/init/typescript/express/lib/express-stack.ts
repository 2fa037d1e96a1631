import { join } from 'node:path';
import { CfnOutput, Stack } from 'aws-cdk-lib';
{{#secrets}}
import { Secret } from 'aws-cdk-lib/aws-ecs';
{{/secrets}}
import { FlueExpressService, FlueImage } from 'cdk-flue';
import type { Construct } from 'constructs';
import type { FlueServerStackProps } from './data-stack.ts';
import { PreviewBase } from './preview-base.ts';
import { isPreview } from './stage.ts';

/** The agents on ECS Express Mode: HTTPS and a domain name from AWS. */
export class FlueExpressStack extends Stack {
  public constructor(scope: Construct, id: string, props: FlueServerStackProps) {
    super(scope, id, props);
    const { vpc, database{{#secrets}}, secrets{{/secrets}} } = props.shared ?? new PreviewBase(this, 'Base');

    const agents = new FlueExpressService(this, 'Agents', {
      vpc,
      database,
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../..'), exclude: ['cdk'] }),
      // undefined stands for the default
      cpu: isPreview(this) ? 256 : undefined,
      memoryLimitMiB: isPreview(this) ? 512 : undefined,
{{#variables}}
      environment: {
{{#variable}}
        {{line}}
{{/variable}}
      },
{{/variables}}
{{#secrets}}
      secrets: {
{{#secret}}
        {{name}}: Secret.fromSecretsManager(secrets.{{name}}),
{{/secret}}
      },
{{/secrets}}
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
  }
}
