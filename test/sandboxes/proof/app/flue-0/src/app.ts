import { flue } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { registerOpenAiCompatibleProvider } from './providers.ts';
import { endSandbox } from './sandbox.ts';

registerOpenAiCompatibleProvider();

const app = new Hono();
app.get('/health', (c) => c.text('ok'));
app.delete('/sandboxes/:id', async (c) => {
  await endSandbox(c.req.param('id'));
  return c.body(null, 204);
});
app.route('/', flue());

export default app;
