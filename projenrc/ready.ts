import { relative } from 'node:path';
import type { awscdk, Task } from 'projen';

/** Tasks that others begin with, so that each works by itself on a fresh clone. */
export interface Ready {
  /** The library is compiled. */
  readonly library: Task;
  /** The example agents are installed and built. */
  readonly agents: Task;
  /** The agents on Flue 2 with a store in a file are installed and built. */
  readonly agentsOnFlue2: Task;
}

export function addReady(project: awscdk.AwsCdkConstructLibrary): Ready {
  const library = project.addTask('ready:library', { description: 'Compile the library where that is missing or out of date', condition: 'node scripts/is-stale.mjs' });
  library.spawn(project.preCompileTask);
  library.spawn(project.compileTask);

  const built = (name: string, cwd: string, what: string): Task => {
    const task = project.addTask(name, { description: `Install and build ${what} where that is missing`, cwd });
    const missing = (path: string) => ({ condition: `node -e "process.exit(require('fs').existsSync('${path}') ? 1 : 0)"` });
    task.exec('npm ci --no-audit --no-fund', missing('node_modules/.package-lock.json'));
    task.exec('npm run build', missing('dist/server.mjs'));
    task.exec(`node ${relative(cwd, 'scripts/one-file.mjs')}`);
    return task;
  };
  return {
    library,
    agents: built('ready:agents', 'examples/agents', 'the example agents'),
    agentsOnFlue2: built('ready:agents-flue-2', 'test/events/delivery/flue-2', 'agents on Flue 2 with a store in a file'),
  };
}
