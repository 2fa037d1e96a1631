import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AppDirectory } from './app-directory';
import type { AppSource } from './app-source';
import { rdsCaBundle } from './ca-bundle';
import type { IFlueApp } from './image';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** The major version of Flue from which on an agent has no shell unless it asks for one. */
const FIRST_WITHOUT_SHELL = 2;

/** What FlueImage and FlueBuild know of the app that they run; an app of anyone else says no more than IFlueApp. */
export interface KnownApp {
  readonly directory: AppDirectory;
  readonly source: AppSource;
  /** Whether the certificate authorities are those of the library, which knows no newer region. */
  readonly carriesLibraryBundle: boolean;
}

function knownOf(app: IFlueApp & { readonly _known?: KnownApp }): KnownApp | undefined {
  return app._known;
}

/** Warns, on `scope`, of what an app lacks to keep its state in a database. */
export function warnOfDatabase(scope: Construct, app: IFlueApp, usesRdsCertificates = true): void {
  const known = knownOf(app);
  if (known) {
    warnOfAdapter(scope, known);
  }
  if (!usesRdsCertificates) {
    return;
  }
  if (app.caBundlePath === undefined) {
    WARNINGS.noCaBundle.give(scope);
  }
  const { region } = Stack.of(scope);
  if (known?.carriesLibraryBundle && !isUnknown(region) && !rdsCaBundle().includes(`# Amazon RDS ${region} Root CA`)) {
    WARNINGS.regionWithoutCertificates.give(scope, { region });
  }
}

function warnOfAdapter(scope: Construct, { directory, source }: KnownApp): void {
  const hasDriver = ['@flue/postgres', 'pg', 'postgres'].some((name) => directory.dependsOn(name));
  if (!source.hasDatabaseModule || !hasDriver) {
    WARNINGS.noDatabaseAdapter.give(scope, { lack: source.hasDatabaseModule ? 'no dependency on `@flue/postgres`' : 'no `db.ts`' });
  }
  if (directory.flueMajor !== undefined && directory.flueMajor >= 2 && !source.handlesPoolErrors) {
    WARNINGS.poolErrorUnhandled.give(scope);
  }
}

/** Warns, on `scope`, of a timer in the process, which a deployment makes miss its time. */
export function warnOfTimer(scope: Construct, app: IFlueApp): void {
  const timer = knownOf(app)?.source.timer;
  if (timer !== undefined) {
    WARNINGS.timerInProcess.give(scope, { timer });
  }
}

/** Warns, on `scope`, of a shell in which agents run commands beside the server. */
export function warnOfShell(scope: Construct, app: IFlueApp): void {
  const known = knownOf(app);
  const found = known?.source.shellBesideServer((known.directory.flueMajor ?? FIRST_WITHOUT_SHELL) < FIRST_WITHOUT_SHELL);
  if (found) {
    WARNINGS.shellBesideServer.give(scope, found);
  }
}

/** Warns, on `scope`, of an agent or a workflow to which events go and that the app does not have. */
export function warnOfUnknown(scope: Construct, app: IFlueApp, names: { readonly agents?: string; readonly workflows?: string }): void {
  const source = knownOf(app)?.source;
  for (const [folder, name] of Object.entries(names)) {
    if (source && !isUnknown(name) && !source.mayHave(folder, name)) {
      WARNINGS.unknownAgent.give(scope, { name, folder });
    }
  }
}

/** Warns, on `scope`, which shares its ids out, of deliveries that never leave the process. */
export function warnOfDispatch(scope: Construct, app: IFlueApp): void {
  const delivery = knownOf(app)?.source.delivery;
  if (delivery !== undefined) {
    WARNINGS.dispatchInShard.give(scope, { delivery });
  }
}

/** Warns, on `scope`, when no source file of the app names the route that the health check asks. */
export function warnOfHealthRoute(scope: Construct, app: IFlueApp, route: string): void {
  const known = knownOf(app);
  if (known && !isUnknown(route) && !known.source.mayServe(route)) {
    WARNINGS.noHealthRoute.give(scope, { path: route });
  }
}
