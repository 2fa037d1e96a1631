import { Annotations, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Accepts findings of cdk-nag by their full ids, such as `AwsSolutions-SMG4`. */
export function acknowledgeFindings(scope: Construct, reason: string, ...ids: string[]): void {
  for (const id of ids) {
    // `Validations.acknowledge` refuses the `::` of an ARN, so this writes the metadata that cdk-nag reads.
    scope.node.addMetadata(Validations.ACKNOWLEDGED_RULES_METADATA_KEY, { [id]: reason });
  }
}

/** Accepts warnings of cdk-flue by their ids. */
export function acknowledgeWarnings(scope: Construct, reason: string, ...ids: string[]): void {
  ids.forEach(id => Annotations.of(scope).acknowledgeWarning(id, reason));
}
