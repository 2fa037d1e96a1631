// Tries, from inside of a sandbox, what a sandbox must not reach. Prints the names of what it reached, and why not the others.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const WITHIN_MS = 2500;
// of this process and of every other one that may be read, such as the daemon
const environments = execFileSync('sh', ['-c', 'cat /proc/[0-9]*/environ 2>/dev/null || true'], { encoding: 'latin1' }).split('\0');
const variable = name => environments.find(line => line.startsWith(`${name}=`))?.slice(name.length + 1);
const places = JSON.parse(process.argv[2]);
const get = async (url, options = {}) => (await fetch(url, { signal: AbortSignal.timeout(WITHIN_MS), ...options })).text();
const must = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};
const says = (url, text) => async () => {
  const answer = await get(url);
  must(answer.includes(text), `it says ${answer.slice(0, 60)}`);
};

/** Asks for TLS, as a client of Postgres begins. */
const postgres = (host, port) => () => new Promise((done, failed) => {
  const socket = connect({ host, port, timeout: WITHIN_MS });
  socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])));
  socket.once('data', data => {
    socket.destroy();
    if (data.toString() === 'S') done();
    else failed(new Error(`it says ${data}`));
  });
  socket.once('timeout', () => socket.destroy(new Error('no answer'))).once('error', failed);
});

const credentialsOfTask = async () => {
  const uri = variable('AWS_CONTAINER_CREDENTIALS_FULL_URI') ?? `http://169.254.170.2${variable('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI') ?? '/v2/credentials/'}`;
  must(JSON.parse(await get(uri)).AccessKeyId, 'there are none');
};
const credentialsOfInstance = async () => {
  const imds = 'http://169.254.169.254/latest';
  const token = await get(`${imds}/api/token`, { method: 'PUT' });
  const headers = { 'x-aws-ec2-metadata-token': token };
  const role = await get(`${imds}/meta-data/iam/security-credentials/`, { headers });
  must(JSON.parse(await get(`${imds}/meta-data/iam/security-credentials/${role}`, { headers })).AccessKeyId, 'there are none');
};
const secretInEnvironment = () => must(/planted-secret|AWS_SECRET_ACCESS_KEY=/.test(environments.join('\n')), 'there is none');
/** What the metadata of this task say of it. */
const metadata = async () => get(`${variable('ECS_CONTAINER_METADATA_URI_V4')}/task`);
const capability = () => must(!/^CapBnd:\s*0+$/m.test(readFileSync('/proc/self/status', 'utf8')), 'there is none');
/** An init process takes the exit of a process whose parent is gone; without one, it stays in the table of processes. */
const unburied = async () => {
  execFileSync('sh', ['-c', 'sleep 0.2 & echo'], { stdio: 'ignore' });
  await new Promise(done => setTimeout(done, 1000));
  const stats = execFileSync('sh', ['-c', 'cat /proc/[0-9]*/stat 2>/dev/null || true'], { encoding: 'latin1' });
  must(/^\d+ \(sleep\) Z 1 /m.test(stats), 'there is none');
};

const PROBES = {
  'the server': says(places.server, 'ok'),
  'the database': postgres(places.database, 5432),
  'the internet': says(places.internet, 'internet'),
  'another host of the VPC': says(places.neighbour, 'neighbour'),
  'another sandbox': says(places.other, 'ok'),
  'the registry': says(`http://${places.registry}:443`, 'registry'),
  'another port of the registry': says(`http://${places.registry}:8443`, 'registry'),
  'the credentials of a task': credentialsOfTask,
  'the credentials of an instance': credentialsOfInstance,
  'a secret in a variable': secretInEnvironment,
  'a file of the image': () => writeFileSync('/opt/sandbox/daemon.mjs', '// planted', { flag: 'a' }),
  'a new file beside the workspace': () => writeFileSync('/var/tmp/planted', ''),
  'the root user': () => must(process.getuid() === 0, `the user is ${process.getuid()}`),
  'a capability': capability,
  'a process that nobody buried': unburied,
};

const reached = [];
const reasons = {};
await Promise.all(Object.entries(PROBES).map(async ([name, attempt]) => {
  try {
    await attempt();
    reached.push(name);
  } catch (error) {
    reasons[name] = error.message;
  }
}));
const told = await metadata().catch(error => error.message);
console.log(JSON.stringify({ names: Object.keys(PROBES), reached: reached.sort(), reasons, told }));
