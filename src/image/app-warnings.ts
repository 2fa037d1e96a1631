import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AppDirectory } from './app-directory';
import type { AppSource } from './app-source';
import { rdsCaBundle } from './provided-dockerfile';
import { isUnknown } from '../invariants/unknown';
import { WARNINGS } from '../invariants/warnings';

/** What is known of an app, and of what it is run from. */
export interface KnownApp {
  readonly app: AppDirectory;
  readonly source: AppSource;
  readonly caBundlePath?: string;
  /** Whether the certificate authorities are those of the library, which knows no newer region. */
  readonly carriesLibraryBundle: boolean;
}

/** Warns of what an app and its image lack to keep their state in a database. */
export function warnOfDatabase(scope: Construct, known: KnownApp, usesRdsCertificates: boolean): void {
  const { app, source } = known;
  const hasDriver = ['@flue/postgres', 'pg', 'postgres'].some((name) => app.dependsOn(name));
  if (!source.hasDatabaseModule || !hasDriver) {
    WARNINGS.noDatabaseAdapter.give(scope, { lack: source.hasDatabaseModule ? 'no dependency on `@flue/postgres`' : 'no `db.ts`' });
  }
  if (app.flueMajor !== undefined && app.flueMajor >= 2 && !source.handlesPoolErrors) {
    WARNINGS.poolErrorUnhandled.give(scope);
  }
  if (!usesRdsCertificates) {
    return;
  }
  if (known.caBundlePath === undefined) {
    WARNINGS.noCaBundle.give(scope);
  }
  const { region } = Stack.of(scope);
  if (known.carriesLibraryBundle && !isUnknown(region) && !rdsCaBundle().includes(`# Amazon RDS ${region} Root CA`)) {
    WARNINGS.regionWithoutCertificates.give(scope, { region });
  }
}

/** Warns when no source file of the app names the route that the health check asks. */
export function warnOfHealthRoute(scope: Construct, source: AppSource, route: string): void {
  if (!isUnknown(route) && !source.mayServe(route)) {
    WARNINGS.noHealthRoute.give(scope, { path: route });
  }
}
