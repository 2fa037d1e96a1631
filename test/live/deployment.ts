import { join } from 'node:path';
import type { Version } from './app';
import { cdk, type Call, type Environment } from './cloud';
import { ownersIn, type Owner } from './model';
import type { World } from './probes/probe';
import { APART, DATA, HOSTS, prefixOf, type Host } from './stacks';

interface StackResource {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
}

/** The stacks of one run, as they are deployed. */
export class Deployment {
  public constructor(
    private readonly run: string,
    private readonly outdir: string,
    private readonly env: Environment,
    private readonly call: Call,
    private readonly signal: AbortSignal,
    /** Values of parameters, as the CLI takes them. */
    private readonly parameters: readonly string[] = [],
  ) {}

  /** Deploys stacks of a version, with those that they need or without. */
  public async deploy(version: Version, stacks: readonly string[], exclusively = false): Promise<{ readonly ok: boolean; readonly output: string }> {
    const stage = prefixOf(this.run).replace(/-$/, '');
    const names = stacks.map(stack => `${stage}/${stack}`);
    return cdk(['deploy', ...names, '--app', join(this.outdir, version), '--require-approval', 'never', ...this.parameters.flatMap(it => ['--parameters', it]), ...exclusively ? ['--exclusively'] : []], this.env, this.signal);
  }

  /** The value of an output of a stack. */
  public async output(stack: string, key: string): Promise<string> {
    const { Stacks } = await this.call('cloudformation', 'describe_stacks', { StackName: prefixOf(this.run) + stack }) as {
      Stacks: { Outputs?: { OutputKey: string; OutputValue: string }[] }[];
    };
    const value = (Stacks[0].Outputs ?? []).find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    if (value === undefined) throw new Error(`${stack} has no output ${key}.`);
    return value;
  }

  public async resources(stack: string, type: string, key = ''): Promise<string[]> {
    const StackName = prefixOf(this.run) + stack;
    const { StackResources } = await this.call('cloudformation', 'describe_stack_resources', { StackName }) as { StackResources: StackResource[] };
    return StackResources
      .filter(({ ResourceType, LogicalResourceId }) => ResourceType === type && LogicalResourceId.startsWith(key))
      .map(({ PhysicalResourceId }) => PhysicalResourceId);
  }

  /** The token of the example's servers. */
  public async token(): Promise<string> {
    const [secret] = await this.resources(DATA, 'AWS::SecretsManager::Secret', 'ApiToken');
    return (await this.call('secretsmanager', 'get_secret_value', { SecretId: secret }) as { SecretString: string }).SecretString;
  }

  /** One server, for the probes. */
  public async world(host: Host, token: string | undefined): Promise<World> {
    const stack = HOSTS[host];
    return {
      host,
      region: this.env.AWS_REGION ?? '',
      url: await this.output(stack, 'Url'),
      token: APART.includes(host) ? undefined : token,
      call: this.call,
      resources: (type, key) => this.resources(stack, type, key),
      dataResources: (type, key) => this.resources(DATA, type, key),
      output: key => this.output(stack, key),
      deploy: async version => (await this.deploy(version, [stack], true)).ok,
      owners: since => this.owners(stack, since),
      now: () => performance.now() / 1000,
      pause: seconds => this.pause(seconds * 1000),
      second: 1000,
    };
  }

  private async owners(stack: string, since: number): Promise<Owner[]> {
    const lines: string[] = [];
    for (const logGroupName of await this.resources(stack, 'AWS::Logs::LogGroup')) {
      const { events = [] } = await this.call('logs', 'filter_log_events', { logGroupName, startTime: since, filterPattern: '"live-owner"' }) as { events?: { message: string }[] };
      lines.push(...events.map(({ message }) => message));
    }
    return ownersIn(lines);
  }

  private pause(ms: number): Promise<void> {
    this.signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(this.signal.reason as Error);
      };
      const timer = setTimeout(() => {
        this.signal.removeEventListener('abort', abort);
        resolve();
      }, ms);
      this.signal.addEventListener('abort', abort, { once: true });
    });
  }
}
