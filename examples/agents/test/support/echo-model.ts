import { startModelServer } from './model-server.ts';

const { env } = await startModelServer();
// at once: who reads it may stop at the first line that comes
console.log(Object.entries(env).map(([name, value]) => `export ${name}=${value}`).join('\n'));
