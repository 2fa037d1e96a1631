import { basename, dirname, relative } from 'node:path';
import type { AnyNode, Node } from 'acorn';
import { readingOf } from './environment';
import type { FlueApp } from './flue-app';
import { keyOf, textOf, type SourceModule } from './source-module';
import { isSecretName, PROVIDER_KEY_NAMES } from '../../invariants/secret-shapes';
import { DATABASE_URL } from '../../invariants/template/variables';
import type { ProbesFile } from '../rehearse/probes';

/** What an app mounts below a path. */
interface Mount {
  readonly path: string;
  /** The function that makes the router, or the name of one that is made elsewhere. */
  readonly made?: string;
  readonly named?: string;
  /** The router that it is mounted on. */
  readonly on?: string;
  readonly module: SourceModule;
}

/** Requests that exercise an app, by the routes that its sources name; undefined where none was found. */
export function probesOf(app: FlueApp): ProbesFile | undefined {
  const mounts = app.modules.flatMap(mountsOf);
  const known = new Set(app.modules.map(({ file }) => file));
  const probes = (app.flueMajor ?? 2) < 2
    ? flueProbes(app, mounts.filter(({ made }) => made === 'flue').map(mount => pathOf(mount, mounts, known))[0] ?? '/')
    : agentProbes(mounts.filter(({ made }) => made === 'createAgentRouter').map(mount => pathOf(mount, mounts, known))[0]);
  const token = tokenOf(app);
  return probes && { ...token === undefined ? {} : { headers: { authorization: `Bearer \${${token}}` } }, ...probes };
}

/** Flue 2.x: a prompt is accepted, and its conversation is read. */
function agentProbes(agent: string | undefined): ProbesFile | undefined {
  return agent === undefined ? undefined : {
    write: { path: `${agent}/state-\${id}`, body: { kind: 'user', body: 'remember this' } },
    read: { path: `${agent}/state-\${id}` },
    stream: {
      before: { path: `${agent}/stream-\${id}`, body: { kind: 'user', body: 'hold this stream open' } },
      path: `${agent}/stream-\${id}?view=updates&live=sse&offset=-1`,
    },
  };
}

/** Flue 0.x and 1.x: a prompt is answered at once, and a run of a workflow can be read. */
function flueProbes(app: FlueApp, mount: string): ProbesFile | undefined {
  const root = mount.replace(/\/$/, '');
  const [agent] = routedIn(app, 'agents');
  const [workflow] = routedIn(app, 'workflows');
  if (agent === undefined && workflow === undefined) {
    return undefined;
  }
  return {
    ...workflow === undefined ? { write: { path: `${root}/agents/${agent}/state-\${id}`, body: { message: 'remember this' } } } : {
      write: { path: `${root}/workflows/${workflow}?wait=result`, body: {} },
      read: { path: `${root}/runs/\${write._meta.runId}` },
    },
    ...agent === undefined ? {} : { stream: { path: `${root}/agents/${agent}/rehearsal-\${id}`, body: { message: 'hold this stream open' } } },
  };
}

/** Names of the agents or workflows that have a route; of all where none says so. */
function routedIn({ directory, sourceFolder, modules }: FlueApp, kind: 'agents' | 'workflows'): string[] {
  const folder = sourceFolder === '' ? kind : `${sourceFolder}/${kind}`;
  const found = modules.filter(({ file }) => relative(directory, dirname(file)).split('\\').join('/') === folder);
  const routed = found.filter(({ text }) => /\bexport\s+(?:const|let|function|async function)\s+route\b|\bexport\s*\{[^}]*\broute\b/.test(text));
  return (routed.length > 0 ? routed : found).map(({ file }) => basename(file).replace(/\.[^.]+$/, ''));
}

/** The variable with the token that the routes ask for, where a module that looks at the header reads one. */
function tokenOf({ modules }: FlueApp): string | undefined {
  const others = new Set([...Object.values(PROVIDER_KEY_NAMES), DATABASE_URL]);
  return modules.filter(({ text }) => /\b(?:authorization|bearer)/i.test(text)).flatMap(module => [...readingOf(module).variables.keys()])
    .find(name => isSecretName(name) && !others.has(name));
}

function mountsOf(module: SourceModule): Mount[] {
  const mounts: Mount[] = [];
  module.walk(node => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression' || keyOf(node.callee, node.callee.property) !== 'route') {
      return;
    }
    const path = textOf(node.arguments[0]);
    const what = node.arguments[1] as AnyNode | undefined;
    if (path !== undefined && what !== undefined) {
      mounts.push({ path, module, on: routerOf(node.callee.object), made: what.type === 'CallExpression' ? nameOf(what.callee) : undefined, named: nameOf(what) });
    }
  });
  return mounts;
}

/** The path from the root of the server, through the routers on which a mount stands. */
function pathOf(mount: Mount, mounts: readonly Mount[], known: ReadonlySet<string>, depth: number = 0): string {
  const isAbove = (other: Mount): boolean => other !== mount && other.named !== undefined
    && (other.module === mount.module ? other.named === mount.on : fileOf(other.module, other.named, known) === mount.module.file);
  const above = depth < 8 ? mounts.find(isAbove) : undefined;
  return `/${[above ? pathOf(above, mounts, known, depth + 1) : '', mount.path].join('/').split('/').filter(Boolean).join('/')}`;
}

/** The file that a name is imported from. */
function fileOf(module: SourceModule, name: string, known: ReadonlySet<string>): string | undefined {
  let found: string | undefined;
  module.walk(node => {
    if (node.type === 'ImportDeclaration' && node.specifiers.some(({ local }) => local.name === name)) {
      found = module.resolve(String(node.source.value), known);
    }
  });
  return found;
}

/** The name of the router at the beginning of a chain of calls. */
function routerOf(node: Node): string | undefined {
  const any = node as AnyNode;
  return any.type === 'CallExpression' ? routerOf(any.callee) : any.type === 'MemberExpression' ? routerOf(any.object) : nameOf(any);
}

function nameOf(node: Node): string | undefined {
  const any = node as AnyNode;
  return any.type === 'Identifier' ? any.name : undefined;
}
