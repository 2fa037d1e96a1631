import { Stack } from 'aws-cdk-lib';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import type { LogSettings } from '../logs/server-logs';

const PREFIX_LIST_ID = 'PrefixLists.0.PrefixListId';

/**
 * The id of a prefix list that AWS keeps in the region of the stack.
 *
 * Ids differ from region to region, and CloudFormation knows only ids, so EC2 is asked when the stack is deployed; once for all of a stack.
 *
 * @param id the id of the lookup in the stack; a contract, like every construct id
 * @param logs how the log group of the lookup keeps what it gets; the first of a stack decides
 */
export function managedPrefixListId(scope: Construct, id: string, name: string, logs?: LogSettings): string {
  const stack = Stack.of(scope);
  const lookup = stack.node.tryFindChild(id) as AwsCustomResource | undefined ?? lookUp(stack, id, name, logs);
  return lookup.getResponseField(PREFIX_LIST_ID);
}

function lookUp(stack: Stack, id: string, name: string, logs?: LogSettings): AwsCustomResource {
  return new AwsCustomResource(stack, id, {
    onUpdate: {
      service: 'EC2',
      action: 'describeManagedPrefixLists',
      parameters: { Filters: [{ Name: 'prefix-list-name', Values: [name] }] },
      physicalResourceId: PhysicalResourceId.of(name),
      outputPaths: [PREFIX_LIST_ID],
    },
    // EC2 has no resource-level permission for its describe actions
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
    installLatestAwsSdk: false,
    logGroup: new LogGroup(stack, `${id}Logs`, { retention: RetentionDays.ONE_MONTH, ...logs }),
  });
}
