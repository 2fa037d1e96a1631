import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FlueDatabase, FlueFargateService, FlueImage, FlueNetwork } from '../../src';
import type { Database } from '../../src/cli/rehearse/postgres/database';
import { freePort } from '../../src/cli/rehearse/runtime/port';
import { COMPILED, SERVER } from '../support/built-server';

const AGENTS = join(__dirname, '..', '..', 'examples', 'agents');
const NODE = join(AGENTS, 'node_modules', 'node', 'bin', 'node');
const STARTED_MS = 30_000;
/** How often a server that starts is asked for its health. */
const LOOK_MS = 200;
/** Stands for the stop timeout of a task: Flue 0.10 does not end while a prompt waits for a database that refuses its login. */
const STOPPED_MS = 10_000;

type Variables = { readonly [name: string]: string };
interface Container {
  readonly Name: string;
  readonly EntryPoint: string[];
  readonly Command: string[];
  readonly Environment?: { readonly Name: string; readonly Value: string }[];
}

/** The containers of a task, as synthesized. */
export interface Task {
  readonly maker?: Container;
  readonly server: Container;
}

/** The tasks of a database by itself and of a schema, without and with passwords that rotate. */
export function synthesizeTasks(): { plain: Task; rotating: Task; schema: Task; rotatingSchema: Task } {
  const stack = new Stack(new App(), 'Stack');
  const vpc = new FlueNetwork(stack, 'Network').vpc;
  const image = FlueImage.fromRegistry(stack, 'Image', 'ghcr.io/acme/agents:1', { caBundlePath: '/ca.pem' });
  const plain = new FlueDatabase(stack, 'Plain', { vpc });
  const rotating = new FlueDatabase(stack, 'Rotating', { vpc, rotation: {} });
  const databases = { PlainServer: plain, RotatingServer: rotating, SchemaServer: plain.addSchema('Agents'), RotatingSchemaServer: rotating.addSchema('Agents') };
  Object.entries(databases).forEach(([id, database]) => new FlueFargateService(stack, id, { image, vpc, database }));
  const definitions = Object.entries(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  const task = (id: string): Task => {
    const [, { Properties: { ContainerDefinitions: containers } }] = definitions.find(([logicalId]) => logicalId.startsWith(`${id}TaskDefinition`))!;
    const named = (name: string) => (containers as Container[]).find(({ Name }) => Name === name);
    return { maker: named('Schema'), server: named('Main')! };
  };
  return { plain: task('PlainServer'), rotating: task('RotatingServer'), schema: task('SchemaServer'), rotatingSchema: task('RotatingSchemaServer') };
}

/** One task after the other behind a port that answers 503 between them: what a service does that is replaced by `recreate()`. */
export class Service {
  public static async listen(database: Database, model: Variables): Promise<Service> {
    const service = new Service(database, model);
    service.front.listen(0, '127.0.0.1');
    await once(service.front, 'listening');
    return service;
  }

  private readonly front: Server;
  private child?: ChildProcess;
  private target?: number;
  private underWay = 0;
  public output = '';

  private constructor(private readonly database: Database, private readonly model: Variables) {
    this.front = createServer((received, answered) => {
      if (this.target === undefined) {
        answered.writeHead(503).end();
        return;
      }
      this.underWay++;
      answered.once('close', () => this.underWay--);
      const { method, url: path, headers } = received;
      const sent = request({ host: '127.0.0.1', port: this.target, method, path, headers }, response => {
        answered.writeHead(response.statusCode!, response.headers);
        response.pipe(answered);
        response.once('error', () => answered.destroy());
      });
      sent.once('error', () => answered.headersSent ? answered.destroy() : answered.writeHead(502).end());
      received.pipe(sent);
    });
  }

  public get port(): number {
    return (this.front.address() as { port: number }).port;
  }

  /** Replaces the task: drains it, stops it, makes the logins, starts the next one. */
  public async deploy({ maker, server }: Task, secret: string): Promise<void> {
    await this.stop();
    if (maker) {
      await this.make(maker, secret);
    }
    await this.start(server, secret);
  }

  /** Runs the container that comes before the server; rejects where it fails. */
  public async make(maker: Container, secret: string): Promise<void> {
    const administrator = new URL(this.database.url);
    const [command, ...args] = [...maker.EntryPoint, ...maker.Command];
    const child = spawn(command, args, {
      env: { ...this.variablesOf(maker), SCHEMA_URL: secret, ADMIN_USER: administrator.username, ADMIN_PASSWORD: administrator.password },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => said += text));
    const [code] = await once(child, 'close');
    if (code !== 0) {
      throw new Error(said.trim());
    }
  }

  public async start(server: Container, secret: string): Promise<void> {
    const port = await freePort();
    const child = spawn(NODE, [SERVER], {
      cwd: AGENTS, env: { ...COMPILED, ...this.variablesOf(server), ...this.model, DATABASE_URL: secret, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.output = '';
    [child.stdout, child.stderr].forEach(stream => stream.setEncoding('utf8').on('data', text => this.output = `${this.output}${text}`.slice(-4000)));
    const end = Date.now() + STARTED_MS;
    while (Date.now() < end && child.exitCode === null) {
      if ((await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.ok) {
        this.target = port;
        return;
      }
      await sleep(LOOK_MS);
    }
    await this.stop();
    throw new Error(`the server did not start:\n${this.output}`);
  }

  public async stop(): Promise<void> {
    this.target = undefined;
    while (this.underWay > 0) {
      await sleep(10);
    }
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_MS);
      await closed;
      clearTimeout(late);
    }
  }

  public async close(): Promise<void> {
    await this.stop();
    this.front.closeAllConnections();
    this.front.close();
  }

  /** Asks an agent once; the reply, or what went wrong. */
  public async prompt(id: string, message: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}/agents/assistant/${id}`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }), signal: AbortSignal.timeout(20_000),
    });
    const body = await response.text();
    return response.ok ? String((JSON.parse(body) as { result: { text: string } }).result.text) : `${response.status}: ${body.slice(0, 200)}`;
  }

  private variablesOf(container: Container): Variables {
    const stated = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
    return { ...stated, PATH: process.env.PATH!, NODE_EXTRA_CA_CERTS: this.database.caFile };
  }
}
