import { Duration } from 'aws-cdk-lib';
import { GIBIBYTES, MEBIBYTES, SECONDS, within, type Limit, type NumberLimit, type Range } from './limit';

/** The grace period that ECS Express Mode fixes. */
export const EXPRESS_GRACE_PERIOD = Duration.seconds(300);

const GIB = 1024;
const SOURCE = 'Amazon ECS developer guide, Fargate task sizes';

function range(first: number, last: number, step: number): Range {
  return { unit: MEBIBYTES, minimum: first * GIB, maximum: last * GIB, step: step * GIB };
}

/** Memory that Fargate offers with each number of CPU units. */
const MEMORY_BY_CPU: ReadonlyMap<number, Range> = new Map([
  [256, { unit: MEBIBYTES, values: [GIB / 2, GIB, 2 * GIB] }],
  [512, range(1, 4, 1)],
  [1024, range(2, 8, 1)],
  [2048, range(4, 16, 1)],
  [4096, range(8, 30, 1)],
  [8192, range(16, 60, 4)],
  [16384, range(32, 120, 8)],
  [32768, { unit: MEBIBYTES, values: [60 * GIB, 120 * GIB, 244 * GIB] }],
]);

/** The same as sizes in MiB. */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([...MEMORY_BY_CPU].map(([cpu, memory]) => [cpu, sizesIn(memory)]));

function sizesIn({ values, minimum = 0, maximum = 0, step = 1 }: Range): readonly number[] {
  return values ?? Array.from({ length: (maximum - minimum) / step + 1 }, (_, index) => minimum + index * step);
}

/** The limit of memory that comes with a number of CPU units that Fargate offers. */
export function memoryWith(cpu: number): NumberLimit {
  return within({
    ...MEMORY_BY_CPU.get(cpu), prop: 'memoryLimitMiB', of: ['FlueTaskBaseProps', 'FlueFargateSandboxOptions'], note: ` with ${cpu} CPU units`, source: SOURCE, fix: 'Take the nearest pair',
  });
}

export const FARGATE_LIMITS = {
  cpu: within({
    prop: 'cpu',
    of: ['FlueTaskBaseProps', 'FlueFargateSandboxOptions'],
    values: [...MEMORY_BY_CPU.keys()],
    source: SOURCE,
    fix: 'Take the nearest',
  }),
  memoryLimitMiB: {
    prop: 'memoryLimitMiB',
    of: ['FlueTaskBaseProps', 'FlueFargateSandboxOptions'],
    allowed: [...MEMORY_BY_CPU.keys()].map(cpu => memoryWith(cpu).allowed).join('; '),
    source: SOURCE,
  } satisfies Limit,
  ephemeralStorage: within({
    prop: 'ephemeralStorage',
    of: ['FlueTaskBaseProps', 'FlueFargateSandboxOptions'],
    unit: GIBIBYTES,
    minimum: 21,
    maximum: 200,
    step: 1,
    source: 'Amazon ECS API reference, EphemeralStorage',
    fix: 'Leave it out for the 20 GiB that every task has',
  }),
  startupBudget: {
    prop: 'startupBudget',
    of: ['FlueServiceProps'],
    allowed: `below ${EXPRESS_GRACE_PERIOD.toSeconds()} s on ECS Express Mode`,
    source: 'Amazon ECS developer guide, Express Mode services',
  } satisfies Limit,
  startPeriod: within({
    prop: 'startupBudget',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    maximum: 300,
    note: ' with `containerHealthCheck`',
    source: 'Amazon ECS API reference, HealthCheck (startPeriod)',
    fix: 'Leave `containerHealthCheck` out: the load balancer waits for as long as `healthCheckGracePeriod`',
  }),
  targetCpuUtilizationPercent: within({
    prop: 'targetCpuUtilizationPercent',
    of: ['FlueTaskProps'],
    minimum: 1,
    maximum: 100,
    source: 'Amazon ECS developer guide, target tracking: a share of the CPU that the tasks reserve',
    fix: 'Leave it out for 60',
  }),
  stopTimeout: within({
    prop: 'stopTimeout',
    of: ['FlueServiceProps'],
    unit: SECONDS,
    maximum: 120,
    step: 1,
    note: ' on Fargate',
    source: 'Amazon ECS API reference, ContainerDefinition (stopTimeout)',
    fix: 'Runs that take longer must survive a restart: attach a `database`, or use FlueEc2Service, which has no such cap',
    rule: 'ShutdownTime',
  }),
};
