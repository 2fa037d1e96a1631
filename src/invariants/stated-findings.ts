import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Construct metadata that names a finding whose fact a warning of the construct states. It never reaches a template. */
const STATED_MARK = 'cdk-flue:stated';

/** What CDK puts before the id of an acknowledgement, and what a user may. */
const PLUGIN = /^(annotation|flue)::/i;

/** Keeps FlueChecks from repeating what a warning of a construct says of the resources below it. */
export function markAsStated(construct: IConstruct, finding: string): void {
  construct.node.addMetadata(STATED_MARK, finding);
}

/** Whether a warning on a resource, or anywhere above, states the fact of a finding. */
export function isStated(resource: IConstruct, finding: string): boolean {
  return resource.node.scopes.some(({ node }) => states(node.metadata, finding));
}

/** Whether the user acknowledged a finding on a construct, or anywhere above. */
export function isFindingAcknowledged(construct: IConstruct, finding: string): boolean {
  return construct.node.scopes.some(({ node }) => acknowledges(node.metadata, finding));
}

/** The metadata of one construct, in the tree or in an assembly. */
type Metadata = ReadonlyArray<{ readonly type?: unknown; readonly data?: unknown }>;

/** Whether the metadata of a construct says that its warning states the fact of a finding. */
export function states(metadata: Metadata, finding: string): boolean {
  return metadata.some(({ type, data }) => type === STATED_MARK && data === finding);
}

/** Whether the metadata of a construct acknowledges a finding. */
export function acknowledges(metadata: Metadata, finding: string): boolean {
  return metadata
    .filter(({ type, data }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY && data)
    .some(({ data }) => Object.keys(data as object).some(id => id.replace(PLUGIN, '') === finding));
}
