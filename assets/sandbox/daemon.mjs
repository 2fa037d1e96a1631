// Runs the commands of one session, and reads and writes its files, for whoever holds the token of the session.
// The sandbox itself is the fence: the paths are checked against mistakes, since a command may open whatever its user may.
import { spawn } from 'node:child_process';
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { constants } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What one command may print, stdout and stderr together. The rest is dropped, and the command goes on. */
const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;
/** What a file may hold that is read or written through the daemon. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_EXEC_BODY_BYTES = 4 * 1024 * 1024;
/** Linux starts no program with a longer argument. */
const MAX_COMMAND_BYTES = 128 * 1024 - 1;
const MAX_COMMANDS = 32;
const DEFAULT_TIMEOUT_MS = 10 * 60 * 1000;
/** How long output is waited for that a process in the background still holds open. */
const DRAIN_MS = 200;
/** The exit code that `timeout` of the coreutils has. */
const TIMED_OUT = 124;
/** The longest time that a timer of Node waits. */
const MAX_TIMER_SECONDS = 2_147_483;

class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const port = number('SANDBOX_PORT', 0, 65_535, 8080);
const idleMs = 1000 * number('SANDBOX_IDLE_SECONDS', 1, MAX_TIMER_SECONDS, 900);
const lifetimeMs = 1000 * number('SANDBOX_MAX_LIFETIME_SECONDS', 1, MAX_TIMER_SECONDS, 3600);
const tokenHash = hash();
const roots = (process.env.SANDBOX_ROOTS || '/workspace:/tmp').split(':').map(root => realpathSync(root));
const shell = ['/bin/bash', '/bin/sh'].find(file => existsSync(file));
/** Where programs look for a proxy; a sandbox without one has none of them. */
const proxies = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:https?|no)_proxy$/i.test(name)));
const commands = new Map();
let open = 0;
let idle;

function number(name, least, most, otherwise) {
  const text = process.env[name] || String(otherwise);
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : giveUp(`${name} must be a whole number from ${least} to ${most}, got: ${text}`);
}

function hash() {
  const text = process.env.SANDBOX_TOKEN_SHA256 ?? '';
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : giveUp('SANDBOX_TOKEN_SHA256 must be a SHA-256 in 64 hexadecimal digits.');
}

function giveUp(sentence) {
  console.error(sentence);
  process.exit(1);
}

function end(reason) {
  console.log(`The sandbox ends: ${reason}.`);
  commands.forEach(kill);
  process.exit(0);
}

function holdsToken(request) {
  const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  return timingSafeEqual(createHash('sha256').update(token).digest(), tokenHash);
}

/** The idle time begins anew when the last request has ended. A health check is none. */
function waitForRequests() {
  clearTimeout(idle);
  if (open === 0) {
    idle = setTimeout(() => end(`no request came for ${idleMs / 1000} s`), idleMs);
  }
}

const inside = path => roots.some(root => path === root || path.startsWith(root + sep));

/** The path behind every link, whether or not a file is there. */
async function behindLinks(path) {
  try {
    return await realpath(path);
  } catch (error) {
    if (error.code !== 'ENOENT') {
      throw error;
    }
  }
  if (await lstat(path).then(() => true, () => false)) {
    throw new Refusal(403, `${path} is a link to nothing.`);
  }
  return join(await behindLinks(dirname(path)), basename(path));
}

async function placeOf(text, { follow = true } = {}) {
  if (typeof text !== 'string' || !isAbsolute(text) || text.includes('\0')) {
    throw new Refusal(400, `The path must be absolute, got: ${text}`);
  }
  const path = resolve(text);
  const place = follow || path === sep ? await behindLinks(path) : join(await behindLinks(dirname(path)), basename(path));
  if (!inside(place)) {
    throw new Refusal(403, `${text} is outside of ${roots.join(' and ')}.`);
  }
  return place;
}

async function bodyOf(request, most) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > most) {
      throw new Refusal(413, `The body must be at most ${most} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body) {
  let order;
  try {
    order = JSON.parse(body.toString());
  } catch {
    throw new Refusal(400, 'The body must be JSON.');
  }
  const { command, env = {}, cwd = roots[0], timeoutMs = DEFAULT_TIMEOUT_MS, stdin = '' } = order ?? {};
  const isText = value => typeof value === 'string' && !value.includes('\0');
  const must = (holds, sentence, status = 400) => {
    if (!holds) {
      throw new Refusal(status, sentence);
    }
  };
  must(isText(command) && command !== '', '`command` must be a text.');
  must(Buffer.byteLength(command) <= MAX_COMMAND_BYTES, `\`command\` must be at most ${MAX_COMMAND_BYTES} bytes. Write a longer script into a file.`, 413);
  must(env !== null && typeof env === 'object' && Object.entries(env).every(([name, value]) => /^[A-Za-z_]\w*$/.test(name) && isText(value)),
    '`env` must hold texts by names of variables.');
  const longest = 1000 * MAX_TIMER_SECONDS;
  must(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= longest, `\`timeoutMs\` must be a whole number from 1 to ${longest}, got: ${timeoutMs}`);
  must(typeof stdin === 'string', '`stdin` must be a text in base64.');
  return { command, env, cwd, timeoutMs, stdin };
}

/** Ends a command and all that it started, in its process group or out of it. */
function kill({ id, child }) {
  if (!child) {
    return;
  }
  const end = pid => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch { /* it is gone */ }
  };
  end(-child.pid);
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`SANDBOX_COMMAND=${id}`)) {
        end(Number(pid));
      }
    } catch { /* it is gone, or of another user */ }
  }
}

function start({ command, env, stdin }, cwd, id) {
  const child = spawn(shell, ['-c', command], {
    cwd, detached: true, env: { PATH: process.env.PATH, HOME: roots.at(-1), LANG: 'C.UTF-8', USER: 'agent', SHELL: shell, ...proxies, ...env, SANDBOX_COMMAND: id },
  });
  return new Promise((done, failed) => {
    child.once('error', error => failed(new Refusal(400, `The shell did not start: ${error.message}`)));
    child.once('spawn', () => {
      try {
        // where memory runs out, the command goes and the daemon stays
        writeFileSync(`/proc/${child.pid}/oom_score_adj`, '1000');
      } catch { /* it has ended already */ }
      child.stdin.on('error', () => { /* it read less than it was given */ });
      child.stdin.end(Buffer.from(stdin, 'base64'));
      done(child);
    });
  });
}

async function exec(request, response) {
  const order = parse(await bodyOf(request, MAX_EXEC_BODY_BYTES));
  const cwd = await placeOf(order.cwd);
  if (!await stat(cwd).then(found => found.isDirectory(), () => false)) {
    throw new Refusal(404, `${order.cwd} is no directory.`);
  }
  if (commands.size >= MAX_COMMANDS) {
    throw new Refusal(429, `At most ${MAX_COMMANDS} commands run at a time.`);
  }
  const id = randomUUID();
  // the place is taken before the shell runs, or many that begin at once would be more than may run
  const running = { id, child: undefined };
  commands.set(id, running);
  try {
    running.child = await start(order, cwd, id);
  } catch (error) {
    commands.delete(id);
    throw error;
  }
  const stop = () => kill(running);
  response.once('close', stop);
  if (response.destroyed) {
    stop();
  } else {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  }
  const last = await follow(running.child, order.timeoutMs, response, stop);
  commands.delete(id);
  response.off('close', stop).end(`${JSON.stringify(last)}\n`);
}

/** Sends the output of a command until it has ended, and says how it ended. */
function follow(child, timeoutMs, response, stop) {
  const outputs = ['stdout', 'stderr'];
  let left = MAX_OUTPUT_BYTES;
  let truncated = false;
  let timedOut = false;
  return new Promise(done => {
    let ended;
    let drained;
    const finish = () => {
      clearTimeout(timer);
      clearTimeout(drained);
      outputs.forEach(name => child[name].destroy());
      const [code, signal] = ended;
      const exitCode = timedOut ? TIMED_OUT : code ?? 128 + constants.signals[signal];
      done({ exitCode, ...timedOut ? { timedOut } : {}, ...truncated ? { truncated } : {} });
    };
    const waitForMore = () => {
      clearTimeout(drained);
      if (ended && !outputs.some(name => child[name].isPaused())) {
        drained = setTimeout(finish, DRAIN_MS);
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    for (const name of outputs) {
      child[name].on('data', data => {
        const part = data.subarray(0, left);
        left -= part.length;
        truncated ||= part.length < data.length;
        if (part.length > 0 && !response.write(`${JSON.stringify({ [name]: part.toString('base64') })}\n`) && !response.destroyed) {
          child[name].pause();
          response.once('drain', () => {
            child[name].resume();
            waitForMore();
          });
        }
        waitForMore();
      });
    }
    response.once('close', () => outputs.forEach(name => child[name].resume()));
    child.once('exit', (...how) => {
      ended = how;
      waitForMore();
    });
    child.once('close', finish);
  });
}

const json = (response, value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const done = response => response.writeHead(204).end();

const ROUTES = {
  'POST /exec': exec,
  'POST /end': (request, response) => response.writeHead(204).end(() => setImmediate(() => end('the server asked for it'))),
  'GET /files': async (request, response, { path }) => {
    const place = await placeOf(path);
    const found = await stat(place);
    if (!found.isFile()) {
      throw new Refusal(400, `${path} is no file.`);
    }
    if (found.size > MAX_FILE_BYTES) {
      throw new Refusal(413, `${path} holds ${found.size} bytes, and at most ${MAX_FILE_BYTES} are read.`);
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    await pipeline(createReadStream(place, { end: MAX_FILE_BYTES - 1 }), response);
  },
  'PUT /files': async (request, response, { path }) => {
    const place = await placeOf(path);
    const body = await bodyOf(request, MAX_FILE_BYTES);
    if (await stat(place).then(found => !found.isFile(), () => false)) {
      throw new Refusal(400, `${path} is no file.`);
    }
    await writeFile(place, body);
    done(response);
  },
  'DELETE /files': async (request, response, { path, recursive, force }) => {
    const place = await placeOf(path, { follow: false });
    if (roots.includes(place)) {
      throw new Refusal(403, `${path} stays.`);
    }
    await rm(place, { recursive: recursive === 'true', force: force === 'true' });
    done(response);
  },
  'GET /stat': async (request, response, { path }) => {
    const itself = await placeOf(path, { follow: false }).catch(() => placeOf(path));
    const isSymbolicLink = (await lstat(itself)).isSymbolicLink();
    const found = await stat(await placeOf(path));
    json(response, { isFile: found.isFile(), isDirectory: found.isDirectory(), isSymbolicLink, size: found.size, mtimeMs: found.mtimeMs });
  },
  'GET /list': async (request, response, { path }) => json(response, { entries: (await readdir(await placeOf(path))).sort() }),
  'POST /directories': async (request, response, { path, recursive }) => {
    await mkdir(await placeOf(path), { recursive: recursive === 'true' });
    done(response);
  },
};

const STATUS = { ENOENT: 404, ENOTDIR: 400, EISDIR: 400, EEXIST: 409, ENOTEMPTY: 409, ERR_FS_EISDIR: 400, EACCES: 403, EPERM: 403, EROFS: 403, ENOSPC: 507, ELOOP: 400, ENAMETOOLONG: 400 };

function fail(response, error) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error.status ?? STATUS[error.code] ?? 500;
  // what is left of a body is not read, so the connection cannot serve another request
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify({ message: error.message, code: error.code }));
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://sandbox');
  if (request.method === 'GET' && pathname === '/health') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');
    return;
  }
  if (!holdsToken(request)) {
    throw new Refusal(401, 'The token is not the one of this session.');
  }
  open += 1;
  response.once('close', () => {
    open -= 1;
    waitForRequests();
  });
  waitForRequests();
  const route = Object.hasOwn(ROUTES, `${request.method} ${pathname}`) ? ROUTES[`${request.method} ${pathname}`] : undefined;
  if (!route) {
    throw new Refusal(404, `The sandbox has no ${request.method} ${pathname}.`);
  }
  await route(request, response, Object.fromEntries(searchParams));
}

const server = createServer((request, response) => answer(request, response).catch(error => fail(response, error)));
server.listen(port, () => console.log(`The sandbox listens on port ${server.address().port}.`));
setTimeout(() => end(`it is ${lifetimeMs / 1000} s old`), lifetimeMs);
waitForRequests();
process.once('SIGTERM', () => end('it was stopped'));
