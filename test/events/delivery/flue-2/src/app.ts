import { createAgentRouter } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { Assistant } from './agents/assistant.ts';
import { setOpenAiCompatibleProvider } from './providers.ts';

setOpenAiCompatibleProvider();

const app = new Hono();
app.get('/health', (c) => c.json({ status: 'ok' }));
app.use(async (c, next) => c.req.header('authorization') === `Bearer ${process.env.API_TOKEN}` ? next() : c.json({ error: 'unauthorized' }, 401));
app.route('/agents/assistant', createAgentRouter(Assistant));
export default app;
