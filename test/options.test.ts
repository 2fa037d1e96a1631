import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OptionUsage, testsIn } from './support/option-usage';
import { basesOf, programOf, publicProps } from './support/public-api';

const TESTS = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts')).map(file => join(__dirname, file));
const APP = join(__dirname, 'consumers', 'apps', 'node', 'smoke.ts');

const program = programOf([...TESTS, APP]);
const props = publicProps(program);
const usage = new OptionUsage(program, props);
const bases = basesOf(program);

test('x', () => {
  const all = TESTS.flatMap(file => testsIn(program.getSourceFile(file)!)).filter(({ name, takesSnapshot }) => takesSnapshot && /maximal/.test(name));
  console.log(all.map(a => a.name).join('\n'));
  const said = new Set(all.flatMap(({ body }) => [...usage.in(body)]));
  const inherited = (s: string): string[] => [s, ...(bases.get(s) ?? []).flatMap(inherited)];
  const descendants = (s: string): string[] => [...bases.keys()].filter(d => inherited(d).includes(s));
  const missing = [...bases.keys()].flatMap(s => props.filter(p => inherited(s).includes(p.struct)).filter(p => !descendants(s).some(d => said.has(`${d}.${p.name}`))).map(p => `${s}.${p.name}`));
  console.log(missing.join('\n'));
  const app = usage.in(program.getSourceFile(APP)!);
  console.log('APP', props.filter(p => !app.has(`${p.struct}.${p.name}`)).map(p => `${p.struct}.${p.name}`).join('\n'));
});
