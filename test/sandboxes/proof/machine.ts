import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { aboutContainer, aboutTask } from './metadata';
import type { Network } from './network';
import { REGION, type Container, type Deployed, type TaskDefinition } from './template';
import type { EcsTask, Machine, RunTask } from '../ecs';

const execute = promisify(execFile);
/** What the stand-in for Fargate does with a container, and what it may leave out. Whatever else stands in a definition is refused. */
const KNOWN = new Set([
  'Name', 'Image', 'User', 'ReadonlyRootFilesystem', 'LinuxParameters', 'Environment', 'Secrets', 'MountPoints', 'StopTimeout',
  'Essential', 'HealthCheck', 'LogConfiguration', 'PortMappings',
]);
const ENDS_MS = 50;

interface Running {
  readonly name: string;
  readonly container: Container;
  readonly folder: string;
  readonly ended: Promise<void>;
}

/** A stand-in for Fargate: it starts the container of a synthesized task definition in podman, in a network of its own. */
export class Fargate implements Machine {
  /** How long each container took from the call to podman until it ran. */
  public readonly startMs: number[] = [];
  /** The templates of sessions that have another one, by the value of their tag. */
  public readonly others = new Map<string, Deployed>();
  private readonly running = new Map<string, Running>();
  private count = 0;

  public constructor(
    private readonly image: string, private readonly network: Network, private readonly folder: string, private readonly deployed: Deployed,
    /** Is called where a container has ended, by itself or not. */
    private readonly onEnd: (task: EcsTask) => void,
  ) {
    mkdirSync(join(folder, 'metadata'));
  }

  public async start(task: EcsTask, environment: { readonly [name: string]: string }, call: RunTask): Promise<string> {
    const { taskDefinition, networkConfiguration } = call;
    const session = task.tags.find(({ key }) => key === 'cdk-flue:session')?.value ?? '';
    const definition = (this.others.get(session) ?? this.deployed).taskDefinition(taskDefinition);
    const [container] = definition.ContainerDefinitions;
    const { subnets, securityGroups, assignPublicIp } = networkConfiguration.awsvpcConfiguration;
    if (assignPublicIp !== 'DISABLED') {
      throw new Error('the stand-in for Fargate has no public addresses');
    }
    const name = `task-${this.count++}`;
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const address = this.network.add(name, { subnet: subnets[this.count % subnets.length]!, groups: securityGroups });
    const credentials = definition.TaskRoleArn === undefined ? undefined : `/v2/credentials/${randomUUID()}`;
    const metadata = `/v4/${randomUUID()}`;
    writeFileSync(this.metadataOf(address), JSON.stringify({
      [metadata]: aboutContainer(task, definition, address),
      [`${metadata}/task`]: aboutTask(task, definition, address),
      ...credentials === undefined ? {} : { [credentials]: { RoleArn: definition.TaskRoleArn, AccessKeyId: 'ASIAPLANTED', SecretAccessKey: 'planted', Token: 'planted' } },
    }));
    const given = {
      ...Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
      ...Object.fromEntries((container.Secrets ?? []).map(({ Name }) => [Name, 'planted-secret-of-the-task'])),
      ...environment,
      AWS_REGION: REGION,
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      ECS_CONTAINER_METADATA_URI_V4: `http://169.254.170.2${metadata}`,
      ...credentials === undefined ? {} : { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: credentials },
    };
    const pidFile = join(folder, 'pid');
    const began = Date.now();
    await execute('podman', [
      'run', '--detach', '--name', name, '--network', `ns:${this.network.pathOf(name)}`, '--pull', 'never', '--conmon-pidfile', pidFile,
      '--memory', `${definition.Memory}m`, '--cpus', String(Number(definition.Cpu) / 1024),
      ...flagsOf(definition, container), ...Object.entries(given).flatMap(([key, value]) => ['--env', `${key}=${value}`]), this.image,
    ]);
    this.startMs.push(Date.now() - began);
    this.running.set(task.taskArn, { name, container, folder, ended: this.follow(task, name, address, Number(readFileSync(pidFile, 'utf8')), folder) });
    return address;
  }

  public async stop(task: EcsTask): Promise<void> {
    const running = this.running.get(task.taskArn);
    if (running) {
      await execute('podman', ['stop', '--ignore', running.name]);
      await running.ended;
    }
  }

  public addressOf(task: EcsTask): string {
    return this.network.addressOf(this.running.get(task.taskArn)!.name);
  }

  /** Ends the container as a fault of its machine does. */
  public async crash(task: EcsTask): Promise<void> {
    const { name, ended } = this.running.get(task.taskArn)!;
    await execute('podman', ['kill', '--signal', 'KILL', name]);
    await ended;
  }

  /** What the health check of the definition comes to, or that of another port. */
  public async health(task: EcsTask, port = '8080'): Promise<boolean> {
    const { name, container: { HealthCheck: { Command: [kind, ...command] } } } = this.running.get(task.taskArn)!;
    if (kind !== 'CMD') {
      throw new Error(`the stand-in for Fargate knows no health check of the kind ${kind}`);
    }
    return execute('podman', ['exec', name, ...command.map(word => word.replace(':8080', `:${port}`))]).then(() => true, () => false);
  }

  /** What is on the machine of containers, volumes and files. */
  public async left(): Promise<string[]> {
    const lists = await Promise.all([
      execute('podman', ['ps', '--all', '--format', 'container {{.Names}}']), execute('podman', ['volume', 'ls', '--format', 'volume {{.Name}}']),
      execute('find', [this.folder, '-mindepth', '1', '-printf', 'file %P\n']),
      // the layers, containers and volumes of podman
      execute('find', [process.env.SANDBOX_STORAGE!, '-mindepth', '2', '-maxdepth', '2', '-type', 'd']),
    ]);
    return lists.flatMap(({ stdout }) => stdout.split('\n').filter(line => line !== '')).concat(this.network.left()).sort();
  }

  private metadataOf(address: string): string {
    return join(this.folder, 'metadata', `${address}.json`);
  }

  private async follow(task: EcsTask, name: string, address: string, pid: number, folder: string): Promise<void> {
    while (runs(pid)) {
      await sleep(ENDS_MS);
    }
    await execute('podman', ['rm', '--force', '--volumes', name]);
    this.network.remove(name);
    rmSync(this.metadataOf(address));
    rmSync(folder, { recursive: true });
    this.running.delete(task.taskArn);
    this.onEnd(task);
  }
}

/** Whether a process runs; one that has ended may wait for a while until an init process takes notice. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function flagsOf(definition: TaskDefinition, container: Container): string[] {
  const unknown = Object.keys(container).filter(key => !KNOWN.has(key));
  if (unknown.length > 0) {
    throw new Error(`the stand-in for Fargate does not know ${unknown.join(', ')}`);
  }
  const volumes = new Set(definition.Volumes?.map(({ Name }) => Name));
  return [
    ...container.User === undefined ? [] : ['--user', container.User],
    ...container.ReadonlyRootFilesystem ? ['--read-only', '--read-only-tmpfs=false'] : [],
    ...container.LinuxParameters?.InitProcessEnabled ? ['--init'] : [],
    ...(container.LinuxParameters?.Capabilities?.Drop ?? []).flatMap(capability => ['--cap-drop', capability]),
    ...container.StopTimeout === undefined ? [] : ['--stop-timeout', String(container.StopTimeout)],
    ...(container.MountPoints ?? []).flatMap(({ ContainerPath, ReadOnly, SourceVolume }) => {
      if (!volumes.has(SourceVolume)) {
        throw new Error(`there is no volume ${SourceVolume}`);
      }
      return ['--mount', `type=volume,dst=${ContainerPath}${ReadOnly ? ',ro' : ''}`];
    }),
  ];
}
