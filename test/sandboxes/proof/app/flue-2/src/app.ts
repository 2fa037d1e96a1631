import { createAgentRouter } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { Shell } from './agents/shell.ts';
import { setOpenAiCompatibleProvider } from './providers.ts';
import { endSandbox } from './sandbox.ts';

setOpenAiCompatibleProvider();

const app = new Hono();
app.get('/health', (c) => c.text('ok'));
app.delete('/sandboxes/:id', async (c) => {
  await endSandbox(c.req.param('id'));
  return c.body(null, 204);
});
app.route('/agents/shell', createAgentRouter(Shell));

export default app;
