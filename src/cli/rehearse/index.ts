import { dirname } from 'node:path';
import { findApp, flueMajorIn } from './app-directory';
import { CHECKS } from './checks';
import type { Check } from './checks/check';
import { requireDatabase, RESTORE_CHECKS } from './checks/restore';
import { STORE } from './checks/store';
import { PSEUDO_PARAMETERS, readAssembly } from '../assembly/assembly';
import { findService } from './discovery/find-services';
import type { ServicePlan } from './discovery/service-plan';
import { appInContext, imageDefaults, type ImageDefaults } from './dockerfile';
import { LIVE_DRILL } from './live-drill';
import { startModelServer } from './model-server';
import { parseOptions, type RehearseOptions } from './options';
import { findPostgres, startPostgres } from './postgres/embedded';
import { Probes } from './probes';
import { runChecks } from './rehearsal';
import { SILENT, summarize, TableReport, type Summary } from './report';
import { EngineRuntime } from './runtime/engine-runtime';
import { NodeRuntime, requireNode } from './runtime/node-runtime';
import { requireFreePort } from './runtime/port';
import type { Runtime } from './runtime/runtime';
import { localCommand } from './server-command';
import { Session } from './session';
import { readStore } from './store/read-store';
import { collectValues } from './values';
import { DATABASE_URL } from '../../invariants/template/variables';

export { REHEARSE_USAGE, RESTORE_DRILL_USAGE } from './options';

/** `cdk-flue rehearse`: the exit code says whether a check failed. */
export async function rehearse(argv: string[]): Promise<number> {
  const options = parseOptions(argv);
  return options.writeProbes ? printProbes(options) : run(options, CHECKS);
}

/** `cdk-flue restore-drill`: the same server, whose database is lost and restored. */
export async function restoreDrill(argv: string[]): Promise<number> {
  const options = parseOptions(argv, 'restore-drill');
  if (!options.json) {
    process.stdout.write(`${LIVE_DRILL}\n`);
  }
  return run(options, RESTORE_CHECKS, requireDatabase);
}

async function run(options: RehearseOptions, checks: readonly Check[], require?: (plan: ServicePlan) => void): Promise<number> {
  const started = performance.now();
  const assembly = readAssembly(options.assembly, { pseudoParameters: PSEUDO_PARAMETERS });
  const plan = findService(assembly, options.service);
  require?.(plan);
  const image = imageDefaults(plan.container.image);
  const context = contextOf(plan, image);
  const app = options.image === undefined ? findApp(options.app, context, assembly.directory) : undefined;
  const runtime = app === undefined ? await engineRuntime(options, plan) : nodeRuntime(app, plan, image);
  const values = collectValues(plan.container, options.secrets, process.env);
  const probes = Probes.read(options.probes, [app, context]);
  const port = options.port ?? plan.container.port;
  await requireFreePort(port);
  const places = [app, process.cwd(), dirname(assembly.directory), __dirname].filter(directory => directory !== undefined);
  const findDriver = () => findPostgres(places);
  const postgres = plan.container.secrets.includes(DATABASE_URL) ? findDriver() : undefined;
  const marks = options.store === undefined ? undefined : await readStore(options.store, findDriver);
  const store = marks && { marks, flueMajor: flueMajorIn(app ?? context) };

  const ending = endsOnSignal(runtime);
  const database = postgres === undefined ? undefined : await startPostgres(postgres, runtime.host);
  const model = probes.usesModel ? await startModelServer() : undefined;
  let session: Session | undefined;
  try {
    session = new Session({ plan, runtime, port, image, values, probes, holdSeconds: options.holdSeconds, database, store, model });
    const heading = { plan, runtime: runtime.description, port, probes: probes.source, changed: probes.names };
    const report = options.json ? undefined : new TableReport(process.stdout, process.stdout.isTTY === true && !process.env.NO_COLOR);
    report?.heading(heading);
    const results = await runChecks(store ? [STORE, ...checks] : checks, session, report ?? SILENT);
    const summary = summarize(heading, results, (performance.now() - started) / 1000);
    print(summary, report);
    return summary.failed > 0 ? 1 : 0;
  } finally {
    runtime.killAll();
    ending.dispose();
    await Promise.all([model?.close(), (session?.database ?? database)?.close()]);
  }
}

/** Writes the file of probes for the app given, or for that of the service. */
function printProbes(options: RehearseOptions): number {
  // it reads the image as the construct does, which no rehearsal needs
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { writeProbes } = require('./write-probes') as typeof import('./write-probes');
  const file = writeProbes(appOf(options), options.describedImage);
  process.stdout.write(options.json ? `${JSON.stringify({ written: file }, undefined, 2)}\n`
    : `${file}\nRead it before you rehearse: its prompts go to the model of the app, unless \`environment\` names another.\n`);
  return 0;
}

function appOf({ app, assembly: directory, service }: RehearseOptions): string {
  if (app !== undefined) {
    return findApp(app, undefined, directory);
  }
  const assembly = readAssembly(directory, { pseudoParameters: PSEUDO_PARAMETERS });
  const plan = findService(assembly, service);
  return findApp(undefined, contextOf(plan, imageDefaults(plan.container.image)), assembly.directory);
}

/** Where the assembly holds the app, if it builds its image. */
function contextOf({ container }: ServicePlan, image: ImageDefaults): string | undefined {
  return container.image && appInContext(container.image, image);
}

function print(summary: Summary, report: TableReport | undefined): void {
  if (report) {
    report.summary(summary);
  } else {
    process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  }
}

function nodeRuntime(app: string, plan: ServicePlan, image: ImageDefaults): Runtime {
  requireNode();
  const { entryPoint, command: given, user } = plan.container;
  // an entry point of the task takes the image's command away
  const words = entryPoint ? [...entryPoint, ...given ?? []] : [...image.entryPoint ?? [], ...given ?? image.command ?? []];
  const { directory, words: command } = localCommand(app, image, words);
  return new NodeRuntime({ directory, command, user: user ?? image.user });
}

function engineRuntime(options: RehearseOptions, plan: ServicePlan): Promise<Runtime> {
  return EngineRuntime.find({ image: options.image!, engine: options.engine, plan, port: options.port ?? plan.container.port });
}

/** Leaves nothing running when the user gives up. */
function endsOnSignal(runtime: Runtime): { dispose(): void } {
  const end = () => {
    runtime.killAll();
    process.exit(130);
  };
  const killAll = () => runtime.killAll();
  process.once('SIGINT', end).once('SIGTERM', end).once('exit', killAll);
  return { dispose: () => process.off('SIGINT', end).off('SIGTERM', end).off('exit', killAll) };
}
