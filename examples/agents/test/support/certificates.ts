import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A private CA and a server certificate for `localhost`, as PEM files in `dir`. */
export async function makeCertificates(dir: string): Promise<Certificates> {
  const file = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  const keyAndRequest = (name: string, subject: string) =>
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);

  await writeFile(file('ca.ext'), 'basicConstraints=critical,CA:TRUE\n');
  await writeFile(file('server.ext'), 'subjectAltName=DNS:localhost\n');
  await Promise.all([keyAndRequest('ca', '/CN=Test CA'), keyAndRequest('server', '/CN=localhost')]);
  await openssl('x509', '-req', '-in', 'ca.csr', '-signkey', 'ca.key', '-days', '2', '-extfile', 'ca.ext', '-out', 'ca.pem');
  await openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '2'],
    ...['-days', '2', '-extfile', 'server.ext', '-out', 'server.pem'],
  );
  return { ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') };
}
