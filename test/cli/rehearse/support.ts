import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ServicePlan } from '../../../src/cli/rehearse/discovery/service-plan';

/** A directory with these files, each a text or something to write as JSON. */
export function directoryWith(files: { readonly [path: string]: unknown }): string {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-flue-cli-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

interface StackFiles {
  readonly template: object;
  readonly metadata?: object;
  readonly stackName?: string;
  readonly dockerImages?: object;
}

/** A cloud assembly with these stacks, as synthesis writes it. */
export function assemblyWith(stacks: { readonly [name: string]: StackFiles }, files: { readonly [path: string]: unknown } = {}): string {
  const artifacts = Object.entries(stacks).flatMap(([name, { stackName, metadata, dockerImages }]) => [
    [name, { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.json`, stackName }, additionalMetadataFile: metadata && `${name}.metadata.json` }],
    ...dockerImages ? [[`${name}.assets`, { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } }]] : [],
  ]);
  return directoryWith({
    'manifest.json': { artifacts: Object.fromEntries(artifacts) },
    ...Object.fromEntries(Object.entries(stacks).flatMap(([name, { template, metadata, dockerImages }]) => [
      [`${name}.json`, template],
      ...metadata ? [[`${name}.metadata.json`, metadata]] : [],
      ...dockerImages ? [[`${name}.assets.json`, { dockerImages }]] : [],
    ])),
    ...files,
  });
}

/** The template of a service on Fargate behind a load balancer. */
export function fargateTemplate(container: object = {}, service: object = {}): { Resources: { [id: string]: { Type: string; Properties: object } } } {
  return {
    Resources: {
      Task: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          Cpu: '512',
          Memory: '1024',
          RequiresCompatibilities: ['FARGATE'],
          ContainerDefinitions: [{
            Name: 'Main',
            Essential: true,
            Image: 'registry/flue',
            PortMappings: [{ ContainerPort: 8080 }],
            Environment: [{ Name: 'MODEL_SPECIFIER', Value: 'a/b' }],
            ...container,
          }],
        },
      },
      LoadBalancer: {
        Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        Properties: { LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '660' }] },
      },
      Listener: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: { LoadBalancerArn: { Ref: 'LoadBalancer' }, DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }] },
      },
      Targets: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { HealthCheckPath: '/health', Matcher: { HttpCode: '200-299' } } },
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: {
          TaskDefinition: { Ref: 'Task' },
          HealthCheckGracePeriodSeconds: 120,
          LaunchType: 'FARGATE',
          LoadBalancers: [{ ContainerName: 'Main', ContainerPort: 8080, TargetGroupArn: { Ref: 'Targets' } }],
          ...service,
        },
      },
    },
  };
}

export function planWith(changes: Partial<ServicePlan> = {}): ServicePlan {
  return {
    path: 'Stack/Agents',
    platform: 'ECS Fargate',
    container: { name: 'Main', port: 8080, environment: {}, secrets: [], readOnlyRoot: false, init: true, stopTimeoutSeconds: 2 },
    memoryMiB: 1024,
    vcpu: 0.5,
    healthCheck: { path: '/health', matcher: '200-299', intervalSeconds: 15, timeoutSeconds: 5, healthyCount: 2 },
    gracePeriodSeconds: 120,
    idleTimeoutSeconds: 660,
    startupBudgetSeconds: 60,
    longestRunSeconds: 600,
    ...changes,
  };
}

/** What a failing call says. */
export async function failureOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
