import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * What a model asks of the server's environment.
 *
 * @internal
 */
export interface ModelBinding {
  readonly environment: { readonly [name: string]: string };
  readonly secrets: { readonly [name: string]: Secret };
  grant(grantee: IGrantable): void;
}

/** One way to a model. */
export interface Model {
  /** What the user stated, in which no secret may stand. */
  readonly given: object;
  bind(scope: Construct): ModelBinding;
}
