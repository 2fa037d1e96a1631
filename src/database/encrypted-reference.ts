import { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-ecs';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** A secret as a container takes it, whatever encrypts it. */
export function wholeSecret(secret: ISecret, key?: IKey): Secret {
  return key ? new EncryptedReference(secret, key) : Secret.fromSecretsManager(secret);
}

/** A field of a secret as a container takes it. */
export function secretField(secret: ISecret, field: string, key?: IKey): Secret {
  return key ? new EncryptedReference(secret, key, field) : Secret.fromSecretsManager(secret, field);
}

/**
 * A secret under a customer managed key, in the form that a container takes.
 *
 * The policy of the server's role allows reading it. The L2 names the role in the policy of the key, and where server and
 * database have a stack each, the two then wait for each other.
 */
class EncryptedReference extends Secret {
  public readonly hasField: boolean;

  public constructor(private readonly secret: ISecret, private readonly key: IKey, private readonly field?: string) {
    super();
    this.hasField = field !== undefined;
  }

  public get arn(): string {
    return this.field === undefined ? this.secret.secretArn : `${this.secret.secretArn}:${this.field}::`;
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
