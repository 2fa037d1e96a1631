import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';
import { MANIFEST, type Bench } from '../lib/bench';
import { ROOT, run } from '../lib/shell';

const CA_BUNDLE = 'assets/image/rds-ca-bundle.pem';
/** Packed, without the certificates: the wheel and the jar carry the tarball as well. */
const MAX_BYTES = 760_000;
const MAY_HOLD = [/^\.jsii$/, /^LICENSE$/, /^README\.md$/, /^package\.json$/, /^bin\/[\w-]+$/, /^lib\/.+\.(js|d\.ts)$/, /^assets\/.+$/];
const MUST_HOLD = ['.jsii', 'LICENSE', 'README.md', 'package.json', 'lib/index.js', 'lib/index.d.ts', CA_BUNDLE];
/** Of a bundled dependency: what runs, what describes it, what its license asks to carry along. */
const BUNDLED = /^node_modules\/.+(\.js|package\.json|license.*|thirdpartynotices\.txt)$/i;

/** What the tarball holds, and nothing else; that it runs what was compiled; and how large it is. */
export async function tarballLane(bench: Bench): Promise<void> {
  await bench.report.check('npm: tarball', () => inspect(bench.artefact('js', '.tgz')));
}

async function inspect(tarball: string): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'cdk-flue-tarball-'));
  try {
    await run('tar', ['xzf', tarball, '--strip-components=1'], { cwd: place });
    const files = readdirSync(place, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile()).map(entry => relative(place, join(entry.parentPath, entry.name)));
    const unexpected = files.filter(file => ![...MAY_HOLD, BUNDLED].some(pattern => pattern.test(file)));
    const missing = [...MUST_HOLD, ...MANIFEST.bundledDependencies.map(name => `node_modules/${name}/package.json`)].filter(file => !files.includes(file));
    if (unexpected.length > 0 || missing.length > 0) {
      throw new Error(`The tarball must not hold: ${unexpected.join(', ') || 'nothing'}. It lacks: ${missing.join(', ') || 'nothing'}.`);
    }
    const changed = files.filter(file => /^(lib|node_modules)\/.*\.js$/.test(file) && programIn(join(place, file)) !== programIn(join(ROOT, file)));
    if (changed.length > 0) throw new Error(`Packed, these files do something else than compiled: ${changed.join(', ')}`);
    const total = readFileSync(tarball).length;
    const size = total - gzipSync(readFileSync(join(place, CA_BUNDLE))).length;
    if (size >= MAX_BYTES) throw new Error(`${size} bytes packed without the certificates; the limit is ${MAX_BYTES}.`);
    return `${files.length} files, ${kilobytes(total)}, ${kilobytes(size)} without the certificates (limit ${kilobytes(MAX_BYTES)})`;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What a file of JavaScript does, whatever its comments and its layout. */
function programIn(file: string): string {
  const program = parse(readFileSync(file, 'utf8'), { ecmaVersion: 'latest', sourceType: 'script', allowHashBang: true, allowReturnOutsideFunction: true });
  return JSON.stringify(program, (key, value: unknown) => ['start', 'end', 'raw'].includes(key) ? undefined : typeof value === 'bigint' ? `${value}n` : value);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
