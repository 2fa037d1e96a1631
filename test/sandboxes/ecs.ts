import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EcsTask {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly startedBy: string;
  readonly tags: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  readonly createdAt: number;
  lastStatus: string;
  desiredStatus: string;
  stoppedReason?: string;
  containers: object[];
}

interface Override {
  readonly name: string;
  readonly environment: ReadonlyArray<{ readonly name: string; readonly value: string }>;
}

/** What RunTask is called with. */
export interface RunTask {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly networkConfiguration: {
    readonly awsvpcConfiguration: {
      readonly subnets: readonly string[];
      readonly securityGroups: readonly string[];
      readonly assignPublicIp: string;
    };
  };
  readonly startedBy: string;
  readonly tags: EcsTask['tags'];
  readonly overrides: { readonly containerOverrides: readonly Override[] };
}

/** What starts and ends the container of a task. */
export interface Machine {
  start(task: EcsTask, environment: { readonly [name: string]: string }, call: RunTask): Promise<string>;
  stop(task: EcsTask): Promise<void>;
}

/** A stand-in for the API of Amazon ECS that runs tasks on a machine of the test. */
export class Ecs {
  public readonly tasks = new Map<string, EcsTask>();
  public readonly calls: Array<{ readonly action: string; readonly input: Record<string, unknown> }> = [];
  /** What the next RunTask is refused with. */
  public refusal?: { readonly type?: string; readonly message?: string; readonly failure?: string };
  private readonly server: Server;

  public constructor(private readonly machine: Machine) {
    this.server = createServer((request, response) => {
      void request.toArray().then(async chunks => {
        const action = String(request.headers['x-amz-target']).split('.')[1]!;
        const input = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Record<string, unknown>;
        this.calls.push({ action, input });
        const { status, body } = await this.answer(action, input);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
      });
    });
  }

  public async listen(): Promise<string> {
    await new Promise<void>(done => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public get running(): EcsTask[] {
    return [...this.tasks.values()].filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  }

  /** Marks a task as one whose container has ended. */
  public ended(task: EcsTask, reason = 'Essential container in task exited'): void {
    Object.assign(task, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedReason: reason });
  }

  public async close(): Promise<void> {
    await Promise.all(this.running.map(task => this.machine.stop(task)));
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  private async answer(action: string, input: Record<string, unknown>): Promise<{ readonly status: number; readonly body: object }> {
    if (action === 'RunTask') {
      return this.run(input as unknown as RunTask);
    }
    if (action === 'DescribeTasks') {
      return { status: 200, body: { tasks: (input.tasks as string[]).flatMap(arn => this.tasks.get(arn) ?? []) } };
    }
    if (action === 'ListTasks') {
      const ofCluster = this.running.filter(({ clusterArn }) => clusterArn === input.cluster);
      return { status: 200, body: { taskArns: ofCluster.map(({ taskArn }) => taskArn) } };
    }
    if (action === 'StopTask') {
      const task = this.tasks.get(input.task as string);
      if (!task) {
        return { status: 400, body: { __type: 'InvalidParameterException', message: 'The referenced task was not found.' } };
      }
      await this.machine.stop(task);
      this.ended(task, input.reason as string);
      return { status: 200, body: { task } };
    }
    return { status: 400, body: { __type: 'InvalidAction', message: action } };
  }

  private async run(call: RunTask): Promise<{ readonly status: number; readonly body: object }> {
    const { refusal } = this;
    const { cluster, startedBy, tags, overrides } = call;
    if (refusal?.message) {
      return { status: 400, body: { __type: refusal.type ?? 'ClientException', message: refusal.message } };
    }
    if (refusal) {
      return { status: 200, body: { tasks: [], failures: [{ reason: refusal.failure }] } };
    }
    const taskArn = `${cluster.replace(':cluster/', ':task/')}/${this.tasks.size}`;
    const task: EcsTask = {
      taskArn, clusterArn: cluster, startedBy, tags, createdAt: Date.now() / 1000, lastStatus: 'PENDING', desiredStatus: 'RUNNING', containers: [{}],
    };
    this.tasks.set(taskArn, task);
    const environment = Object.fromEntries(overrides.containerOverrides.flatMap(each => each.environment.map(({ name, value }) => [name, value])));
    void this.machine.start(task, environment, call).then(address => {
      if (task.lastStatus === 'PENDING') {
        Object.assign(task, { lastStatus: 'RUNNING', containers: [{ networkInterfaces: [{ privateIpv4Address: address }] }] });
      }
    }, (error: Error) => this.ended(task, error.message));
    return { status: 200, body: { tasks: [task], failures: [] } };
  }
}
