import type { Call } from '../cloud';
import type { Clock } from '../load';
import type { Owner } from '../model';
import type { Host } from '../stacks';

/** What a probe found out. */
export interface Finding {
  readonly holds: boolean;
  /** What was seen, in a sentence without a name of anything in the account. */
  readonly says: string;
  readonly measured?: { readonly [what: string]: number };
}

/** One deployed server, as a probe may ask it. */
export interface World extends Clock {
  readonly host: Host;
  readonly region: string;
  readonly url: string;
  /** What the server takes as its token; nothing where it asks for none. */
  readonly token: string | undefined;
  readonly call: Call;
  /** How long a server is asked to be silent for a second, in milliseconds. */
  readonly second: number;
  /** Physical ids of the resources of a type in the stack of the server, or in that of its data, whose logical ids begin so. */
  resources(type: string, key?: string): Promise<string[]>;
  dataResources(type: string, key?: string): Promise<string[]>;
  /** An output of the stack of the server. */
  output(key: string): Promise<string>;
  /** Deploys the server anew; whether that succeeded. */
  deploy(version: 'changed' | 'broken'): Promise<boolean>;
  /** The processes that wrote into the logs of the server since a moment. */
  owners(since: number): Promise<Owner[]>;
}

/** A question that a deployed server answers. */
export interface Probe {
  readonly name: string;
  /** What holds if the probe does. */
  readonly promises: string;
  readonly hosts: readonly Host[];
  /** `server` where it needs one that runs, `apis` where the APIs tell. */
  readonly asks: 'server' | 'apis';
  run(world: World): Promise<Finding>;
}
