import { Annotations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What an image may lack without being wrong; the keys are the public ids, after `cdk-flue:FlueImage.`. */
export const IMAGE_WARNINGS = {
  noHealthRoute: (path: string) => `No source file of the app names the route ${path}, which the health check asks: Flue generates none, and a task that answers 404 is replaced for ever. `
    + `Define it in app.ts, as in \`app.get('${path}', (c) => c.json({ ok: true }))\`.`,
  noDatabaseAdapter: (lack: string) => `A database is attached, but the app has ${lack}: its state stays in the memory of the process. `
    + 'Add a `db.ts` beside app.ts that default-exports a Postgres adapter for DATABASE_URL.',
  poolErrorUnhandled: () => 'The app opens a `pg` pool and does not listen for its errors: any restart of Postgres then ends the process, even an idle one. '
    + 'Add `pool.on(\'error\', (error) => console.error(error))`.',
  noCaBundle: () => 'The image is not known to carry the certificate authorities of Amazon RDS, without which the server cannot verify the database and refuses to connect. '
    + 'Copy the bundle into the image and name it in `caBundlePath`.',
  regionWithoutCertificates: (region: string) => `The image carries no certificate authority of Amazon RDS in ${region}, so the server will refuse to connect to a database there. `
    + 'Download the bundle of the region from AWS and name it in `caBundleFile`.',
  shellFormCommand: (command: string) => `A shell or a package manager runs the server (${command}) and keeps SIGTERM to itself: every deployment ends in SIGKILL. `
    + 'Write the command in its exec form, as in `CMD ["node", "dist/server.mjs"]`.',
  rootUser: (file: string) => `${file} has the server run as root. Add \`USER node\`, or another user of its own, after the last RUN.`,
} as const;

/** Adds a warning under its public id; the same one only once to a scope. */
export function warn(scope: IConstruct, id: keyof typeof IMAGE_WARNINGS, message: string): void {
  Annotations.of(scope).addWarningV2(`cdk-flue:FlueImage.${id}`, message);
}
