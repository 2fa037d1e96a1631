import type { IConnectable, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { IFlueApp } from '../image/image';
import type { TimerChain } from '../timers/timer-chain';

/** How the function of an inbox comes to a server. */
export interface WayIn {
  /** Where the server is reached from inside of a network alone. */
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  /** Lets the function in, where it is in the network of the server. */
  readonly admit?: (function_: IConnectable) => void;
  /** Whether the server is one of several behind one URL, which have one inbox. */
  readonly ofFleet?: boolean;
  /** Why a function on the internet is not let in, as the value of `exposure`. */
  readonly closedTo?: string;
  /** The paths that pass the authentication at the load balancer; undefined where nothing authenticates there. */
  readonly publicPaths?: readonly string[];
}

/** What an inbox has to know of the server that it delivers to. */
export interface EventDoor {
  readonly service: Construct;
  readonly url: string;
  readonly way: WayIn;
  readonly timers: TimerChain;
  readonly app: IFlueApp;
}
