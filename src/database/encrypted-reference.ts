import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * A secret under a customer managed key, in the form that a container takes.
 *
 * The policy of the server's role allows reading it. The L2 names the role in the policy of the key, and where server and
 * database have a stack each, the two then wait for each other.
 */
export class EncryptedReference extends Secret {
  public readonly hasField = false;

  public constructor(private readonly secret: ISecret, private readonly key: IKey) {
    super();
  }

  public get arn(): string {
    return this.secret.secretArn;
  }

  public grantRead(grantee: IGrantable): Grant {
    const read = Grant.addToPrincipal({
      grantee, actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], resourceArns: [this.secret.secretArn],
    });
    return read.combine(Grant.addToPrincipal({
      grantee,
      actions: ['kms:Decrypt'],
      resourceArns: [this.key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this.secret).region}.amazonaws.com` } },
    }));
  }
}
