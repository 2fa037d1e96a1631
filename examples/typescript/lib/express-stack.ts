import { join } from 'node:path';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { FlueExpressService, FlueImage } from 'cdk-flue';
import type { Construct } from 'constructs';
import { acknowledgeExpress } from './acknowledgements.ts';
import type { FlueServerStackProps } from './data-stack.ts';
import { PreviewBase } from './preview-base.ts';
import { isPreview, schemaOptions } from './stage.ts';

/** The agents on ECS Express Mode: HTTPS and a domain name from AWS. */
export class FlueExpressStack extends Stack {
  public constructor(scope: Construct, id: string, props: FlueServerStackProps) {
    super(scope, id, props);
    const { vpc, database, providerKey, apiToken } = props.shared ?? new PreviewBase(this, 'Base');

    const agents = new FlueExpressService(this, 'Agents', {
      vpc,
      // the other server of the database has a schema of its own
      database: database.addSchema('Express', schemaOptions(this, 'express')),
      image: new FlueImage(this, 'Image', { directory: join(import.meta.dirname, '../../agents') }),
      // undefined stands for the default
      cpu: isPreview(this) ? 256 : undefined,
      memoryLimitMiB: isPreview(this) ? 512 : undefined,
      environment: { MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6' },
      secrets: {
        ANTHROPIC_API_KEY: Secret.fromSecretsManager(providerKey),
        API_TOKEN: Secret.fromSecretsManager(apiToken),
      },
    });

    new CfnOutput(this, 'Url', { value: agents.url, description: 'Where the agents answer' });
    acknowledgeExpress(this, agents);
  }
}
