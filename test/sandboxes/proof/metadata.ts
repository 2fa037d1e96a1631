import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT, REGION, type Container, type TaskDefinition } from './template';
import { ROOT } from './world';
import type { EcsTask } from '../ecs';

/**
 * Every field that the metadata of a task on Fargate have by the documents of AWS ("Amazon ECS task metadata v4 JSON response for tasks on
 * Fargate" in the developer guide, read on 2026-11-27), and the words of docs/sandboxes.md for what it tells of an account.
 */
const FIELDS: { readonly [field: string]: string } = {
  'Cluster': 'the cluster',
  'TaskARN': 'the account, the region',
  'Family': 'the task definition',
  'Revision': 'the task definition',
  'DesiredStatus': '',
  'KnownStatus': '',
  'Limits': 'its size',
  'PullStartedAt': 'its times',
  'PullStoppedAt': 'its times',
  'AvailabilityZone': 'the zone',
  'LaunchType': '',
  'ClockDrift': '',
  'EphemeralStorageMetrics': 'its size',
  'Containers.ContainerARN': 'the account, the region',
  'Containers.CreatedAt': 'its times',
  'Containers.DesiredStatus': '',
  'Containers.DockerId': '',
  'Containers.DockerName': '',
  'Containers.Image': 'the image',
  'Containers.ImageID': 'the image',
  'Containers.KnownStatus': '',
  'Containers.Labels': 'the task definition',
  'Containers.Limits': 'its size',
  'Containers.LogDriver': '',
  'Containers.LogOptions': 'the log group',
  'Containers.Name': '',
  'Containers.Networks': 'the addresses of the task, of its gateway and of its resolver, the range of its subnet',
  'Containers.Snapshotter': '',
  'Containers.StartedAt': 'its times',
  'Containers.Type': '',
};

/** What the metadata say of a task. */
export function aboutTask(task: EcsTask, definition: TaskDefinition, address: string): object {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.taskArn,
    Family: definition.Family,
    Revision: '1',
    DesiredStatus: 'RUNNING',
    KnownStatus: 'RUNNING',
    Limits: { CPU: Number(definition.Cpu) / 1024, Memory: Number(definition.Memory) },
    PullStartedAt: new Date().toISOString(),
    PullStoppedAt: new Date().toISOString(),
    AvailabilityZone: `${REGION}a`,
    LaunchType: 'FARGATE',
    ClockDrift: { ClockErrorBound: 0.5, ReferenceTimestamp: new Date().toISOString(), ClockSynchronizationStatus: 'SYNCHRONIZED' },
    EphemeralStorageMetrics: { Utilized: 100, Reserved: 20_496 },
    Containers: [aboutContainer(task, definition, address)],
  };
}

export function aboutContainer(task: EcsTask, { ContainerDefinitions: [container], Family }: TaskDefinition, address: string): object {
  const id = task.taskArn.split('/').at(-1);
  const subnet = address.split('.').slice(0, 3).join('.');
  return {
    DockerId: id,
    Name: container.Name,
    DockerName: container.Name,
    Image: container.Image,
    ImageID: `sha256:${'0'.repeat(64)}`,
    Labels: {
      'com.amazonaws.ecs.cluster': task.clusterArn,
      'com.amazonaws.ecs.container-name': container.Name,
      'com.amazonaws.ecs.task-arn': task.taskArn,
      'com.amazonaws.ecs.task-definition-family': Family,
      'com.amazonaws.ecs.task-definition-version': '1',
    },
    DesiredStatus: 'RUNNING',
    KnownStatus: 'RUNNING',
    Limits: { CPU: 2 },
    CreatedAt: new Date().toISOString(),
    StartedAt: new Date().toISOString(),
    Type: 'NORMAL',
    LogDriver: 'awslogs',
    LogOptions: logOptionsOf(container, id!),
    ContainerARN: `arn:aws:ecs:${REGION}:${ACCOUNT}:container/${id}`,
    Networks: [{
      NetworkMode: 'awsvpc',
      IPv4Addresses: [address],
      AttachmentIndex: 0,
      MACAddress: '0a:00:00:00:00:01',
      IPv4SubnetCIDRBlock: `${subnet}.0/24`,
      DomainNameServers: [`${subnet}.2`],
      PrivateDNSName: `ip-${address.replaceAll('.', '-')}.${REGION}.compute.internal`,
      SubnetGatewayIpv4Address: `${subnet}.1/24`,
    }],
    Snapshotter: 'overlayfs',
  };
}

function logOptionsOf({ Name, LogConfiguration: { Options } }: Container, id: string): object {
  return {
    'awslogs-group': Options['awslogs-group'],
    'awslogs-region': Options['awslogs-region'],
    'awslogs-stream': `${Options['awslogs-stream-prefix']}/${Name}/${id}`,
  };
}

/** The fields that the metadata lack by the documents of AWS, and those that these do not have. */
export function differsFromAws(told: string): string[] {
  const { Containers: [container], ...task } = JSON.parse(told) as { Containers: [object] };
  const found = [...Object.keys(task), ...Object.keys(container).map(name => `Containers.${name}`)];
  const documented = Object.keys(FIELDS);
  return [...documented.filter(name => !found.includes(name)), ...found.filter(name => !documented.includes(name))];
}

/** What the metadata tell, and docs/sandboxes.md does not say. */
export function missingInDocs(): string[] {
  const text = readFileSync(join(ROOT, 'docs', 'sandboxes.md'), 'utf8').replace(/\s+/g, ' ');
  const [said = ''] = /The metadata of a task answer in every task\..*?(?= ## )/.exec(text) ?? [];
  return [...new Set(Object.values(FIELDS))].flatMap(words => words.split(', ')).filter(words => !said.includes(words));
}
