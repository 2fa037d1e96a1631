import { Lazy, Size } from 'aws-cdk-lib';
import { DEFAULT_CPU, DEFAULT_MEMORY_MIB, requireFargateSize } from '../../src/invariants/fargate-size';
import { FARGATE_LIMITS, FARGATE_SIZES } from '../../src/invariants/limits/fargate';
import { requireWithin } from '../../src/invariants/limits/guard';
import { newStack, refusalOf } from '../service/support';

const GIB = 1024;
const LATER = Lazy.number({ produce: () => 1 });

const refusal = (cpu: number, memory: number) => refusalOf(() => requireFargateSize(newStack(), cpu, memory));

test('the default is half a vCPU with 1 GiB, which Fargate offers', () => {
  expect([DEFAULT_CPU, DEFAULT_MEMORY_MIB]).toEqual([512, 1024]);
  expect(refusal(DEFAULT_CPU, DEFAULT_MEMORY_MIB)).toBe('');
});

// numbers of the Amazon ECS developer guide, not of the source
describe.each([
  { cpu: 256, min: 512, max: 2 * GIB, count: 3, between: 1536, nearest: 1 * GIB },
  { cpu: 512, min: 1 * GIB, max: 4 * GIB, count: 4, between: 1025, nearest: 1 * GIB },
  { cpu: 1024, min: 2 * GIB, max: 8 * GIB, count: 7, between: 3 * GIB - 1, nearest: 3 * GIB },
  { cpu: 2048, min: 4 * GIB, max: 16 * GIB, count: 13, between: 4 * GIB + 1, nearest: 4 * GIB },
  { cpu: 4096, min: 8 * GIB, max: 30 * GIB, count: 23, between: 9 * GIB + 1, nearest: 9 * GIB },
  { cpu: 8192, min: 16 * GIB, max: 60 * GIB, count: 12, between: 17 * GIB, nearest: 16 * GIB },
  { cpu: 16384, min: 32 * GIB, max: 120 * GIB, count: 12, between: 39 * GIB, nearest: 40 * GIB },
  { cpu: 32768, min: 60 * GIB, max: 244 * GIB, count: 3, between: 100 * GIB, nearest: 120 * GIB },
])('$cpu CPU units', ({ cpu, min, max, count, between, nearest }) => {
  const range = new RegExp(`\`memoryLimitMiB\` must be ${min}[–,].*\\b${max} MiB(?: in steps of \\d+)? with ${cpu} CPU units, got:`);
  const pair = (memory: number) => `The nearest pair is ${cpu} CPU units with ${memory} MiB`;

  test(`come with ${count} sizes of memory`, () => {
    expect(FARGATE_SIZES.get(cpu)).toHaveLength(count);
  });

  test.each([min, max, nearest])('take %d MiB', memory => {
    expect(refusal(cpu, memory)).toBe('');
  });

  test.each([[min - 1, min], [max + 1, max], [between, nearest]])('refuse %d MiB and name %d', (memory, near) => {
    expect(refusal(cpu, memory)).toMatch(range);
    expect(refusal(cpu, memory)).toContain(`got: ${memory} MiB. ${pair(near)}`);
  });

  test('take memory known only at deployment', () => {
    expect(refusal(cpu, LATER)).toBe('');
  });
});

test('the table has no other row', () => {
  expect([...FARGATE_SIZES.keys()]).toEqual([256, 512, 1024, 2048, 4096, 8192, 16384, 32768]);
});

test.each([[0, 256], [255, 256], [257, 256], [1000, 1024], [40000, 32768]])('%d CPU units are refused, naming %d', (cpu, near) => {
  expect(refusal(cpu, 1024)).toContain(
    `\`cpu\` must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, got: ${cpu}. The nearest is ${near}`);
});

test('CPU units known only at deployment pass', () => {
  expect(refusal(LATER, 7)).toBe('');
});

describe('ephemeral storage', () => {
  const storage = (size: Size) => refusalOf(() => requireWithin(newStack(), size, FARGATE_LIMITS.ephemeralStorage));

  test.each([21, 22, 200])('%d GiB pass', size => {
    expect(storage(Size.gibibytes(size))).toBe('');
  });

  test.each([0, 20, 201, 21.5])('%d GiB are refused', size => {
    expect(storage(Size.mebibytes(size * GIB))).toContain(`\`ephemeralStorage\` must be 21–200 whole GiB, got: ${size} GiB. Leave it out for the 20 GiB`);
  });

  test('a size known only at deployment passes', () => {
    expect(storage(Size.gibibytes(LATER))).toBe('');
  });
});
