import type { Connections, IVpc, SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';
import type { SandboxHost } from '../sandboxes/sandbox-access';

/** A service of ECS tasks. */
interface TaskHost extends IGrantable {
  readonly vpc: IVpc;
  readonly connections: Connections;
  readonly container: ContainerDefinition;
}

/** What a service of tasks is to a pool of sandboxes. */
export function sandboxHostOf(scope: IConstruct, host: TaskHost, taken: string[], subnets: SelectedSubnets): SandboxHost {
  const { vpc, connections, container, grantPrincipal } = host;
  return {
    vpc,
    grantee: { grantPrincipal },
    securityGroups: connections.securityGroups,
    subnets,
    addEnvironment: variables => {
      requireFreeSandboxNames(scope, Object.keys(variables), taken);
      Object.entries(variables).forEach(([name, value]) => container.addEnvironment(name, value));
    },
  };
}

/** Refuses variables of the user that the adapter of the app would read in the place of those of the pool. */
export function requireFreeSandboxNames(scope: IConstruct, names: string[], taken: string[]): void {
  const twice = names.find(name => taken.includes(name));
  if (twice !== undefined) {
    refuse(scope, `\`environment\` and \`secrets\` must not hold a variable of the sandboxes, got: ${twice}`, '`addSandboxes()` sets it. Leave yours out');
  }
}
