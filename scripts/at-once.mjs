// Runs commands side by side, `at-once.mjs COMMAND…`, and prints what each said when it has ended. Fails where one fails.
import { spawn } from 'node:child_process';

const run = command => new Promise(resolve => {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = `${command}\n`;
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { output += text; });
  child.on('close', status => {
    process.stdout.write(output);
    resolve(status === 0);
  });
});

const passed = await Promise.all(process.argv.slice(2).map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;
