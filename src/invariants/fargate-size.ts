import type { IConstruct } from 'constructs';
import { FARGATE_LIMITS, FARGATE_SIZES, memoryWith } from './limits/fargate';
import { requireWithin } from './limits/guard';
import { isUnknown } from './unknown';

/** Half a vCPU and 1 GiB: a server at rest holds 120–150 MiB, and an agent's tools run in the same task. */
export const DEFAULT_CPU = 512;
export const DEFAULT_MEMORY_MIB = 1024;

function nearest(sizes: readonly number[], size: number): number {
  return sizes.reduce((best, next) => Math.abs(next - size) < Math.abs(best - size) ? next : best);
}

/** Refuses a pair that Fargate does not offer, naming the nearest one that it does. */
export function requireFargateSize(scope: IConstruct, cpu: number, memoryLimitMiB: number): void {
  if (isUnknown(cpu, scope)) {
    return;
  }
  requireWithin(scope, cpu, FARGATE_LIMITS.cpu, { fix: `The nearest is ${nearest(FARGATE_LIMITS.cpu.values, cpu)}` });
  requireWithin(scope, memoryLimitMiB, memoryWith(cpu), {
    fix: `The nearest pair is ${cpu} CPU units with ${nearest(FARGATE_SIZES.get(cpu)!, memoryLimitMiB)} MiB`,
  });
}
