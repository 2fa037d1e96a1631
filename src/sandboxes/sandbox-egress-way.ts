import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { MadeEndpoints } from './sandbox-endpoints';

/** Where sandboxes stand. */
export interface SandboxPlace {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly securityGroup: ISecurityGroup;
}

/** One way for commands to reach more than what starts a sandbox. */
export interface SandboxEgressWay {
  /** Refuses what the pool could not have, before the first resource exists. */
  require(scope: Construct, vpc: IVpc): void;

  /** The variables by which commands find the way. */
  variables(scope: Construct): { readonly [name: string]: string };

  /** The names that have to be looked up for it. */
  domains(): string[];

  /** Opens the way, and names the endpoints that it made. */
  open(scope: Construct, place: SandboxPlace): MadeEndpoints;
}

/** Sandboxes that reach what starts them, and no more. */
export class NoSandboxEgress implements SandboxEgressWay {
  public require(): void {
    // there is nothing to refuse
  }

  public variables(): { readonly [name: string]: string } {
    return {};
  }

  public domains(): string[] {
    return [];
  }

  public open(): MadeEndpoints {
    return {};
  }
}
