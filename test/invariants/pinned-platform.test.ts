import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { changed, judge, PARAMETER, verdictOn } from './judge';
import { express, fargate } from './templates';
import { PINNED_PLATFORM } from '../../src/invariants/pinned-platform';

const runs = (platform: unknown, compatibilities: unknown = ['FARGATE']) => changed(fargate(), ({ TaskDefinition }) => {
  TaskDefinition.Properties.RuntimePlatform = platform;
  TaskDefinition.Properties.RequiresCompatibilities = compatibilities;
});

test.each<[platform: unknown, compatibilities: unknown, expected: unknown]>([
  [{ CpuArchitecture: 'ARM64' }, ['FARGATE'], 'compliant'],
  [{ CpuArchitecture: 'X86_64' }, ['EC2', 'FARGATE'], 'compliant'],
  [{ OperatingSystemFamily: 'LINUX' }, ['FARGATE'], ['RuntimePlatform names no CpuArchitecture']],
  [undefined, ['FARGATE'], ['RuntimePlatform names no CpuArchitecture']],
  [undefined, ['EC2'], 'not applicable'],
  [PARAMETER, ['FARGATE'], 'not applicable'],
  [{ CpuArchitecture: PARAMETER }, ['FARGATE'], 'not applicable'],
])('a task on %j for %j', (platform, compatibilities, expected) => {
  expect(judge(PINNED_PLATFORM, runs(platform, compatibilities), 'TaskDefinition')).toEqual(expected);
});

describe('an image that the app builds', () => {
  const verdict = (platform: Platform | undefined, cpuArchitecture: ecs.CpuArchitecture) => {
    const task = new ecs.FargateTaskDefinition(new Stack(new App(), 'Stack'), 'Task', { runtimePlatform: { cpuArchitecture } });
    task.addContainer('server', { image: ecs.ContainerImage.fromAsset(__dirname, { file: 'judge.ts', platform }), environment: { MODEL_SPECIFIER: 'x' } });
    return verdictOn(PINNED_PLATFORM, task.node.defaultChild as CfnResource);
  };

  test.each<[platform: Platform | undefined, architecture: ecs.CpuArchitecture, expected: unknown]>([
    [Platform.LINUX_ARM64, ecs.CpuArchitecture.ARM64, 'compliant'],
    [Platform.LINUX_AMD64, ecs.CpuArchitecture.X86_64, 'compliant'],
    [Platform.LINUX_AMD64, ecs.CpuArchitecture.ARM64, ['the image is built for linux/amd64, the task runs on ARM64']],
    [Platform.LINUX_ARM64, ecs.CpuArchitecture.X86_64, ['the image is built for linux/arm64, the task runs on X86_64']],
    [undefined, ecs.CpuArchitecture.ARM64, ['the image is built for whichever machine builds it, the task runs on ARM64']],
  ])('for %p, on a task of %p', (platform, architecture, expected) => {
    expect(verdict(platform, architecture)).toEqual(expected);
  });
});

test('Express Mode runs an image that nothing is known of', () => {
  expect(judge(PINNED_PLATFORM, express(), 'Express')).toBe('compliant');
});

test('Express Mode runs X86_64', () => {
  const stack = new Stack(new App(), 'Stack');
  const { imageName } = ecs.ContainerImage.fromAsset(__dirname, { file: 'judge.ts', platform: Platform.LINUX_ARM64 }).bind(stack, {
    taskDefinition: new ecs.FargateTaskDefinition(stack, 'Task'),
  } as unknown as ecs.ContainerDefinition);
  const service = new ecs.CfnExpressGatewayService(stack, 'Express', {
    infrastructureRoleArn: 'arn:role',
    primaryContainer: { image: imageName, environment: [{ name: 'MODEL_SPECIFIER', value: 'x' }] },
  });
  expect(verdictOn(PINNED_PLATFORM, service)).toEqual(['the image is built for linux/arm64, the task runs on X86_64']);
});
