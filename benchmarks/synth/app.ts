import { App, Duration, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';

/** More than 38 services of 13 resources exceed the 500 resources of a stack. */
const SERVICES_PER_STACK = 10;

export const IMAGE = 'acme/flue-agents:1';
export const IDLE_TIMEOUT = Duration.seconds(660);
export const STOP_TIMEOUT = Duration.seconds(90);
export const GRACE_PERIOD = Duration.seconds(120);
export const DEREGISTRATION_DELAY = Duration.seconds(15);
export const ENVIRONMENT = {
  PORT: '8080',
  NODE_OPTIONS: '--import=data:text/javascript,import%20dc%20from%20%22node:diagnostics_channel%22;dc.subscribe(%22http.server.request.start%22,'
    + '({server})=>{if(server.keepAliveTimeout<670000)server.keepAliveTimeout=670000}) --unhandled-rejections=warn',
};

export type AddService = (stack: Stack, id: string, cluster: ecs.ICluster) => void;

/** What a process reports of its one synthesis. */
export interface Sample {
  /** Milliseconds from the empty app to the written cloud assembly, with what aws-cdk-lib loads on first use. */
  readonly synthesis: number;
  /** Peak resident memory of the process, in MiB. */
  readonly memory: number;
  /** Resources by type, over all stacks. */
  readonly resources: Record<string, number>;
}

/** Synthesizes the app with the given contender: arguments are the count of services and the output directory. */
export function run(addService: AddService): void {
  const services = Number(process.argv[2]);
  const start = process.hrtime.bigint();
  const app = new App({ outdir: process.argv[3] });
  const env = { account: '111111111111', region: 'eu-west-1' };
  const network = new Stack(app, 'Network', { env });
  const cluster = new ecs.Cluster(network, 'Cluster', { vpc: new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1 }) });
  for (let from = 0; from < services; from += SERVICES_PER_STACK) {
    const stack = new Stack(app, `Agents${from / SERVICES_PER_STACK}`, { env });
    for (let index = from; index < Math.min(services, from + SERVICES_PER_STACK); index++) {
      addService(stack, `Agent${index}`, cluster);
    }
  }
  const assembly = app.synth();
  const synthesis = Number(process.hrtime.bigint() - start) / 1e6;
  const memory = process.resourceUsage().maxRSS / 1024;

  const resources: Record<string, number> = {};
  for (const { template } of assembly.stacks) {
    for (const { Type: type } of Object.values<{ Type: string }>(template.Resources)) {
      resources[type] = (resources[type] ?? 0) + 1;
    }
  }
  const sample: Sample = { synthesis, memory, resources };
  process.stdout.write(JSON.stringify(sample));
}
