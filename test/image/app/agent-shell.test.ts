import { shellIn } from '../../../src/image/app/agent-shell';

const NODE = 'import { local } from \'@flue/runtime/node\';\n';
const CREATE = 'import { createAgent } from \'@flue/runtime\';\n';
const before2 = (code: string) => shellIn('src/agents/a.ts', code, true);
const from2 = (code: string) => shellIn('src/agents/a.ts', code, false);

test.each([
  `${NODE}useSandbox(local());`,
  `${NODE}export default createAgent(() => ({ sandbox: local({ env: {} }) }));`,
  'import { local as host } from \'@flue/runtime/node\';\nconst sandbox: SandboxFactory = host();',
  'import * as node from \'@flue/runtime/node\';\nuseSandbox(node.local());',
  `${NODE}export function Triage() { if (process.env.SHELL) { useSandbox(local()); } }`,
])('a shell on the machine of the server: %s', code => {
  expect(before2(code)).toBe('host');
  expect(from2(code)).toBe('host');
});

test.each([
  `${CREATE}export default createAgent(() => ({ model: 'a/b' }));`,
  `${CREATE}export default createAgent(async ({ id }) => { const name = id; return { model: 'a/b', name }; });`,
  `${CREATE}export default createAgent(function () { return ({ model: 'a/b' }); });`,
  'import { defineAgent, type AgentRouteHandler } from \'@flue/runtime\';\nexport default defineAgent(() => ({ model: \'a/b\' }));',
  'import * as flue from \'@flue/runtime\';\nexport default flue.createAgent(() => ({}));',
  'import { createAgent as make } from \'@flue/runtime\';\nexport const a = make(() => ({ sandbox: bash }));\nexport default make(() => ({}));',
])('the default shell, before Flue 2: %s', code => {
  expect(before2(code)).toBe('virtual');
  expect(from2(code)).toBeUndefined();
});

test.each([
  '',
  `${NODE}export const factory = { local: true };`,
  'import { local } from \'./local\';\nuseSandbox(local());',
  'import type { LocalSandboxOptions } from \'@flue/runtime/node\';\nlocal();',
  '// useSandbox(local())',
  `${CREATE}export default createAgent(() => ({ sandbox: () => new Bash() }));`,
  `${CREATE}export default createAgent(() => ({ 'sandbox': false }));`,
  `${CREATE}export default createAgent(() => ({ ...base, model: 'a/b' }));`,
  `${CREATE}export default createAgent(() => ({ [key]: value }));`,
  `${CREATE}export default createAgent(() => configOf('a'));`,
  `${CREATE}export default createAgent(config);`,
  `${CREATE}export default createAgent(() => { if (process.env.A) { return { sandbox }; } return {}; });`,
  'import { createAgent } from \'./agents\';\nexport default createAgent(() => ({}));',
  `${CREATE}export const view = <b>{createAgent(() => ({}))}</b>;`,
])('none, or one that nobody can tell: %s', code => {
  expect(before2(code)).toBeUndefined();
});
