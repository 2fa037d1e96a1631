/**
 * What FlueChecks adds to the synthesis of an app with 50 services.
 *
 *   npx ts-node --project tsconfig.dev.json benchmarks/checks/run.ts [pairs]
 *
 * Each pair synthesizes the same app twice in one process, once with the pack and once without, in an order that
 * alternates from pair to pair. Building the app is not timed. The app passes every rule, so nothing is spent on reports.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FlueChecks } from '../../src';
import { keepAlivePreload } from '../../src/invariants/keep-alive-above-idle-timeout';

const SERVICES = 50;
const SERVICES_PER_STACK = 10;
const WARM_UPS = 3;
const TARGET_PERCENT = 5;

function addService(stack: Stack, id: string, cluster: ecs.ICluster): void {
  const task = new ecs.FargateTaskDefinition(stack, `${id}Task`, {
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
  });
  const linuxParameters = new ecs.LinuxParameters(stack, `${id}Linux`, { initProcessEnabled: true });
  task.addContainer('server', {
    image: ecs.ContainerImage.fromRegistry('acme/flue-agents:1'),
    portMappings: [{ containerPort: 8080 }],
    environment: { PORT: '8080', MODEL_SPECIFIER: 'anthropic/claude-sonnet-4-6', NODE_OPTIONS: keepAlivePreload(Duration.seconds(670)) },
    secrets: {
      ANTHROPIC_API_KEY: ecs.Secret.fromSecretsManager(new Secret(stack, `${id}Key`)),
      DATABASE_URL: ecs.Secret.fromSecretsManager(new Secret(stack, `${id}Url`)),
    },
    linuxParameters,
    stopTimeout: Duration.seconds(90),
    logging: ecs.LogDrivers.awsLogs({ streamPrefix: 'flue', logGroup: new LogGroup(stack, `${id}Logs`, { retention: RetentionDays.ONE_MONTH }) }),
  });
  const service = new ecs.FargateService(stack, `${id}Service`, {
    cluster,
    taskDefinition: task,
    desiredCount: 1,
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
    healthCheckGracePeriod: Duration.seconds(120),
  });
  const balancer = new elb.ApplicationLoadBalancer(stack, `${id}Balancer`, { vpc: cluster.vpc, internetFacing: true, idleTimeout: Duration.seconds(660) });
  balancer.addRedirect();
  balancer.addListener('Https', {
    port: 443,
    certificates: [Certificate.fromCertificateArn(stack, `${id}Certificate`, 'arn:aws:acm:eu-west-1:111111111111:certificate/1')],
  }).addTargets('Server', {
    port: 8080,
    protocol: elb.ApplicationProtocol.HTTP,
    targets: [service],
    deregistrationDelay: Duration.seconds(15),
    healthCheck: { path: '/health', interval: Duration.seconds(15), healthyThresholdCount: 2 },
  });
}

function build(outdir: string, checked: boolean): App {
  const app = new App({ outdir });
  const env = { account: '111111111111', region: 'eu-west-1' };
  const network = new Stack(app, 'Network', { env });
  const cluster = new ecs.Cluster(network, 'Cluster', { vpc: new ec2.Vpc(network, 'Vpc', { maxAzs: 2 }) });
  for (let from = 0; from < SERVICES; from += SERVICES_PER_STACK) {
    const stack = new Stack(app, `Agents${from / SERVICES_PER_STACK}`, { env });
    for (let index = from; index < from + SERVICES_PER_STACK; index++) {
      addService(stack, `Agent${index}`, cluster);
    }
  }
  if (checked) {
    Validations.of(app).addPlugins(new FlueChecks(app));
  }
  return app;
}

/** Milliseconds that a synthesis takes. */
function synthesize(checked: boolean): number {
  const outdir = mkdtempSync(join(tmpdir(), 'flue-checks-'));
  const app = build(outdir, checked);
  global.gc?.();
  // the CDK reports its own findings on any app of this size, at length
  const report = console.error;
  console.error = () => undefined;
  try {
    const start = process.hrtime.bigint();
    app.synth();
    return Number(process.hrtime.bigint() - start) / 1e6;
  } finally {
    console.error = report;
    rmSync(outdir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}

function main(): void {
  const pairs = Number(process.argv[2] ?? 20);
  const off: number[] = [];
  const on: number[] = [];
  for (let pair = -WARM_UPS; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [false, true] : [true, false];
    const times = new Map(order.map(checked => [checked, synthesize(checked)]));
    if (pair >= 0) {
      off.push(times.get(false)!);
      on.push(times.get(true)!);
    }
  }
  const added = on.map((time, index) => time - off[index]);
  const percent = on.map((time, index) => (time / off[index] - 1) * 100);
  const line = (name: string, values: number[], unit: string) =>
    `${name.padEnd(16)} median ${quantile(values, 0.5).toFixed(1)} ${unit} (quartiles ${quantile(values, 0.25).toFixed(1)} to ${quantile(values, 0.75).toFixed(1)})`;
  console.log(`${SERVICES} services, ${pairs} pairs, Node ${process.version}, ${cpus().length} x ${cpus()[0].model}`);
  console.log(line('without the pack', off, 'ms'));
  console.log(line('with the pack', on, 'ms'));
  console.log(line('added, paired', added, 'ms'));
  console.log(line('added, paired', percent, '%'));
  if (quantile(percent, 0.5) >= TARGET_PERCENT) {
    console.log(`The pack adds ${TARGET_PERCENT} % or more.`);
    process.exitCode = 1;
  }
}

main();
