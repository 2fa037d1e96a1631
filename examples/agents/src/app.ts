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

// The inbox cannot sign in where people do: the load balancer lets this path pass, and the token guards it.
if (process.env.INBOX_TOKEN !== undefined) {
  app.use('/inbox/*', bearerToken('INBOX_TOKEN'));
  app.route('/inbox', flue());
}

// Everything below may carry prompts, run payloads and results, so the token covers all of it.
app.use(bearerToken('API_TOKEN'));
app.route('/', flue());

app.notFound((c) =>
  c.json({ error: { type: 'route_not_found', message: `No route for ${c.req.method} ${c.req.path}.`, details: '' } }, 404),
);

export default app;
