import { createHash } from 'node:crypto';
import { Daemon, until } from './daemon';

const pause = (ms: number) => new Promise(done => setTimeout(done, ms));
const hasEnded = async (daemon: Daemon) => Promise.race([daemon.exit.then(() => true), pause(10).then(() => false)]);

test('it ends when the server asks for it, and so does what still runs', async () => {
  const daemon = await Daemon.start();
  const held = await daemon.open('POST', '/exec', JSON.stringify({ command: 'echo $$; sleep 60' }));
  const line = await new Promise<Buffer>(done => held.once('data', done));
  const pid = Number(Buffer.from((JSON.parse(line.toString()) as { stdout: string }).stdout, 'base64').toString());
  held.on('error', () => { /* cut with the daemon */ });
  expect((await daemon.call('POST', '/end')).status).toBe(204);
  expect(await daemon.exit).toBe(0);
  expect(daemon.log).toContain('The sandbox ends: the server asked for it.');
  await until(() => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  });
  await daemon.stop();
});

test('it ends when no request came for its idle time, whatever the health checks do', async () => {
  const daemon = await Daemon.start({ SANDBOX_IDLE_SECONDS: '1' });
  for (let n = 0; n < 5 && !await hasEnded(daemon); n++) {
    await daemon.call('GET', '/health', undefined, '').catch(() => undefined);
    await daemon.call('GET', '/list?path=/', undefined, 'wrong').catch(() => undefined);
    await pause(300);
  }
  expect(await daemon.exit).toBe(0);
  expect(daemon.log).toContain('The sandbox ends: no request came for 1 s.');
  await daemon.stop();
});

test('a request begins the idle time anew, and one that runs is no idle time', async () => {
  const daemon = await Daemon.start({ SANDBOX_IDLE_SECONDS: '1' });
  for (let n = 0; n < 4; n++) {
    await pause(400);
    expect((await daemon.at('GET', '/stat', daemon.workspace)).status).toBe(200);
  }
  expect((await daemon.exec('sleep 1.5; echo awake')).stdout).toBe('awake\n');
  expect(await hasEnded(daemon)).toBe(false);
  expect(await daemon.exit).toBe(0);
  await daemon.stop();
});

test('it ends at the end of its lifetime, though a command runs', async () => {
  const daemon = await Daemon.start({ SANDBOX_MAX_LIFETIME_SECONDS: '1' });
  await expect(daemon.exec('sleep 60')).rejects.toThrow();
  expect(await daemon.exit).toBe(0);
  expect(daemon.log).toContain('The sandbox ends: it is 1 s old.');
  await daemon.stop();
});

test('it ends at once when its task is stopped', async () => {
  const daemon = await Daemon.start();
  daemon.signal('SIGTERM');
  expect(await daemon.exit).toBe(0);
  await daemon.stop();
});

test.each([
  [{ SANDBOX_TOKEN_SHA256: undefined }, 'SANDBOX_TOKEN_SHA256 must be a SHA-256 in 64 hexadecimal digits.'],
  [{ SANDBOX_TOKEN_SHA256: createHash('sha1').update('').digest('hex') }, 'SANDBOX_TOKEN_SHA256 must be a SHA-256 in 64 hexadecimal digits.'],
  [{ SANDBOX_PORT: '65536' }, 'SANDBOX_PORT must be a whole number from 0 to 65535, got: 65536'],
  [{ SANDBOX_IDLE_SECONDS: '0' }, 'SANDBOX_IDLE_SECONDS must be a whole number from 1 to 2147483, got: 0'],
  [{ SANDBOX_MAX_LIFETIME_SECONDS: '2147484' }, 'SANDBOX_MAX_LIFETIME_SECONDS must be a whole number from 1 to 2147483, got: 2147484'],
  [{ SANDBOX_MAX_LIFETIME_SECONDS: '1.5' }, 'SANDBOX_MAX_LIFETIME_SECONDS must be a whole number from 1 to 2147483, got: 1.5'],
])('it does not start with %o', async (environment, sentence) => {
  const daemon = await Daemon.start(environment);
  expect(await daemon.exit).toBe(1);
  expect(daemon.log).toContain(sentence);
  await daemon.stop();
});
