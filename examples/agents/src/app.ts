import { flue } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { bearerToken } from './lib/auth.ts';
import { logOperations } from './lib/operation-log.ts';
import { databaseAnswers } from './lib/readiness.ts';
import { registerOpenAiCompatibleProvider } from './providers.ts';

registerOpenAiCompatibleProvider();
logOperations();

const app = new Hono();

// Liveness stays 200 while the database is down: restarting this process would not bring it back.
app.get('/health', (c) => c.json({ status: 'ok' }));

app.get('/health/ready', async (c) =>
  (await databaseAnswers())
    ? c.json({ status: 'ready', database: 'ok' })
    : c.json({ status: 'unavailable', database: 'unreachable' }, 503),
);

// Everything below may carry prompts, run payloads and results, so the token covers all of it.
app.use(bearerToken(process.env.API_TOKEN));
app.route('/', flue());

app.notFound((c) =>
  c.json({ error: { type: 'route_not_found', message: `No route for ${c.req.method} ${c.req.path}.`, details: '' } }, 404),
);

export default app;
