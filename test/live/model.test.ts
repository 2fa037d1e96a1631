import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { BROKEN, MODEL_PORT, modelEnvironment, OWNER, overlapOf, ownersIn } from './model';

const WAITS = 'setTimeout(() => {}, 60_000)';
const start = (more: object = {}) => spawn(process.execPath, ['-e', WAITS], { env: { PATH: process.env.PATH, ...modelEnvironment(), ...more }, stdio: ['ignore', 'pipe', 'pipe'] });

test('the server\'s own process answers as a model, with the number of the turn, and says who it is', async () => {
  const child = start();
  try {
    const [line] = await once(createInterface(child.stdout!), 'line') as [string];
    expect(line).toMatch(new RegExp(`^${OWNER} [\\w-]{36} \\d+$`));
    const messages = [{ role: 'system', content: 'x' }, { role: 'user', content: 'one' }, { role: 'assistant', content: 'y' }, { role: 'user', content: [{ type: 'text', text: 'two' }] }];
    const answer = await (await fetch(`${modelEnvironment().OPENAI_COMPATIBLE_URL}/chat/completions`, { method: 'POST', body: JSON.stringify({ messages }) })).text();
    expect(answer).toContain('"content":"turn 2: two"');
    expect(answer.trim().endsWith('data: [DONE]')).toBe(true);
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
});

test('a process whose port is taken, such as a child of the server, says nothing and goes on', async () => {
  const taken = createServer().listen(MODEL_PORT, '127.0.0.1');
  await once(taken, 'listening');
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => console.log("through"), 100)'], { env: { PATH: process.env.PATH, ...modelEnvironment() }, stdio: ['ignore', 'pipe', 'pipe'] });
  const [line] = await once(createInterface(child.stdout!), 'line') as [string];
  taken.close();
  expect(line).toBe('through');
});

test('a broken server ends at its start', async () => {
  expect((await once(start({ [BROKEN]: 'true' }), 'exit'))[0]).toBe(1);
});

test('owners are found in any lines, and how long two of them overlap', () => {
  const lines = ['noise', `2027 ${OWNER} b 5000`, `${OWNER} a 1000`, `${OWNER} a 4000`, `${OWNER} b 9000`, OWNER];
  expect(ownersIn(lines)).toEqual([{ id: 'a', from: 1000, to: 4000 }, { id: 'b', from: 5000, to: 9000 }]);
  expect(overlapOf(ownersIn(lines))).toBe(0);
  expect(overlapOf(ownersIn([...lines, `${OWNER} a 7500`]))).toBe(2500);
  expect(overlapOf([])).toBe(0);
});
