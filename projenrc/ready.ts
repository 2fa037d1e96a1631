import type { awscdk, Task } from 'projen';

/** Tasks that others begin with, so that each works by itself on a fresh clone. */
export interface Ready {
  /** The library is compiled. */
  readonly library: Task;
  /** The example agents are installed and built. */
  readonly agents: Task;
}

export function addReady(project: awscdk.AwsCdkConstructLibrary): Ready {
  const library = project.addTask('ready:library', { description: 'Compile the library where that is missing or out of date', condition: 'node scripts/is-stale.mjs' });
  library.spawn(project.preCompileTask);
  library.spawn(project.compileTask);

  const agents = project.addTask('ready:agents', { description: 'Install and build the example agents where that is missing', cwd: 'examples/agents' });
  const missing = (path: string) => ({ condition: `node -e "process.exit(require('fs').existsSync('${path}') ? 1 : 0)"` });
  agents.exec('npm ci --no-audit --no-fund', missing('node_modules/.package-lock.json'));
  agents.exec('npm run build', missing('dist/server.mjs'));
  return { library, agents };
}
