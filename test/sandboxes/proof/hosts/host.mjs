// A program on a host of the test's network: `host.mjs KIND …`. It prints a line when it listens.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [kind, ...given] = process.argv.slice(2);
const CREDENTIALS = JSON.stringify({ AccessKeyId: 'ASIAPLANTED', SecretAccessKey: 'planted', Token: 'planted' });
const listen = (port, answer, host) => new Promise(done => createServer(answer).listen(Number(port), host, done));

const KINDS = {
  /** Says its name on each of these ports. */
  says: (name, ...ports) => Promise.all(ports.map(port => listen(port, (_, response) => response.end(name)))),
  /** The metadata of an instance, with the credentials of its role. */
  instance: () => listen(80, ({ method, url }, response) => {
    const isToken = method === 'PUT' && url === '/latest/api/token';
    response.end(isToken ? 'token' : url.endsWith('/security-credentials/') ? 'role' : CREDENTIALS);
  }),
  /** The metadata of tasks: each finds what stands in the file of its address. */
  tasks: folder => listen(80, ({ url, socket }, response) => {
    let found;
    try {
      found = JSON.parse(readFileSync(`${folder}/${socket.remoteAddress}.json`, 'utf8'))[url];
    } catch { /* no task has this address */ }
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  }, '169.254.170.2'),
};

await KINDS[kind](...given);
console.log('listens');
