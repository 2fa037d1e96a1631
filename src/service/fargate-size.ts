import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refuse } from '../invariants/invariant';

/** Half a vCPU and 1 GiB: a server at rest holds 120–150 MiB, and an agent's tools run in the same task. */
export const DEFAULT_CPU = 512;
export const DEFAULT_MEMORY_MIB = 1024;

/** Ephemeral storage of a Fargate task, in GiB. */
export const MIN_EPHEMERAL_STORAGE_GIB = 21;
export const MAX_EPHEMERAL_STORAGE_GIB = 200;

const GIB = 1024;

/** Memory sizes, in MiB, from `first` to `last` in steps of `step`. */
function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** Memory, in MiB, that Fargate offers with each number of CPU units (Amazon ECS developer guide, Fargate task sizes). */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, GIB, 2 * GIB]],
  [512, range(GIB, 4 * GIB, GIB)],
  [1024, range(2 * GIB, 8 * GIB, GIB)],
  [2048, range(4 * GIB, 16 * GIB, GIB)],
  [4096, range(8 * GIB, 30 * GIB, GIB)],
  [8192, range(16 * GIB, 60 * GIB, 4 * GIB)],
  [16384, range(32 * GIB, 120 * GIB, 8 * GIB)],
  [32768, [60 * GIB, 120 * GIB, 244 * GIB]],
]);

function nearest(sizes: readonly number[], size: number): number {
  return sizes.reduce((best, next) => Math.abs(next - size) < Math.abs(best - size) ? next : best);
}

/** Refuses a pair that Fargate does not offer, naming the nearest one that it does. */
export function requireFargateSize(scope: IConstruct, cpu: number, memoryLimitMiB: number): void {
  if (Token.isUnresolved(cpu)) {
    return;
  }
  const memory = FARGATE_SIZES.get(cpu);
  if (!memory) {
    const cpus = [...FARGATE_SIZES.keys()];
    refuse(scope, `\`cpu\` must be one of ${cpus.join(', ')}, got: ${cpu}`, `The nearest is ${nearest(cpus, cpu)}`);
  }
  if (!Token.isUnresolved(memoryLimitMiB) && !memory.includes(memoryLimitMiB)) {
    const given = `${cpu} CPU units with ${memoryLimitMiB} MiB`;
    refuse(scope, `\`memoryLimitMiB\` must be ${memory[0]}–${memory[memory.length - 1]} MiB in Fargate's steps for \`cpu\` ${cpu}, got: ${given}`,
      `The nearest pair is ${cpu} CPU units with ${nearest(memory, memoryLimitMiB)} MiB`);
  }
}

/** Refuses an ephemeral storage size that Fargate does not offer. */
export function requireEphemeralStorage(scope: IConstruct, gibibytes: number): void {
  const offered = Number.isInteger(gibibytes) && gibibytes >= MIN_EPHEMERAL_STORAGE_GIB && gibibytes <= MAX_EPHEMERAL_STORAGE_GIB;
  if (!Token.isUnresolved(gibibytes) && !offered) {
    refuse(scope, `\`ephemeralStorage\` must be ${MIN_EPHEMERAL_STORAGE_GIB}–${MAX_EPHEMERAL_STORAGE_GIB} whole GiB, got: ${gibibytes} GiB`,
      'Leave it out for the 20 GiB that every task has');
  }
}
