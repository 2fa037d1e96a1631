#!/usr/bin/env node
// Does what a container engine does, as far as a rehearsal asks, with processes of this machine.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const here = dirname(process.argv[1]);
const [command, ...args] = process.argv.slice(2);
appendFileSync(join(here, 'calls'), `${[command, ...args].join(' ')}\n`);
const of = (name, file) => join(here, `${name}.${file}`);
const fail = (message) => {
  console.error(message);
  process.exit(125);
};
const isRunning = (pid) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
};

switch (command) {
  case '--version':
    console.log('fake 1');
    break;
  case 'image':
    if (!existsSync(args[1])) fail('no such image');
    break;
  case 'run': {
    const [name, image] = [args[args.indexOf('--name') + 1], args.find((word) => existsSync(word) && word.startsWith('/') && word !== '/tmp')];
    if (args.includes('refused')) fail('no such user');
    const log = openSync(of(name, 'log'), 'w');
    const child = spawn(process.execPath, ['dist/server.mjs'], { cwd: image, detached: true, stdio: ['ignore', log, log] });
    writeFileSync(of(name, 'pid'), String(child.pid));
    child.unref();
    break;
  }
  case 'logs':
  case 'wait': {
    const name = args.at(-1);
    const pid = Number(readFileSync(of(name, 'pid'), 'utf8'));
    while (isRunning(pid)) await sleep(20);
    console.log(command === 'wait' ? '143' : readFileSync(of(name, 'log'), 'utf8'));
    break;
  }
  case 'kill':
    try {
      process.kill(Number(readFileSync(of(args[2], 'pid'), 'utf8')), args[1]);
    } catch {
      fail('not running');
    }
    break;
  case 'exec': {
    const script = args.at(-1);
    if (script.includes('/rehearsal')) break;
    console.log(JSON.stringify({ residentMiB: 40, userIds: [1000], listeners: [] }));
    break;
  }
  case 'rm':
    mkdirSync(here, { recursive: true });
    break;
}
