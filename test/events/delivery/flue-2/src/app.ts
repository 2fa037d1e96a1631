import { createProvider } from '@earendil-works/pi-ai';
import { openAICompletionsApi } from '@earendil-works/pi-ai/api/openai-completions.lazy';
import { setProvider } from '@flue/runtime';
import { createAgentRouter } from '@flue/runtime/routing';
import { Hono } from 'hono';
import { Assistant } from './agents/assistant.ts';

const baseUrl = process.env.OPENAI_COMPATIBLE_URL;
if (baseUrl) {
  setProvider(createProvider({
    id: 'openai-compatible',
    auth: { apiKey: { name: 'none', resolve: async () => ({ auth: { apiKey: 'not-needed' } }) } },
    models: [{
      id: 'echo',
      name: 'echo',
      api: 'openai-completions',
      provider: 'openai-compatible',
      baseUrl,
      reasoning: false,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 128_000,
      maxTokens: 8_192,
    }],
    api: openAICompletionsApi(),
  }));
}

const app = new Hono();
app.get('/health', (c) => c.json({ status: 'ok' }));
app.use(async (c, next) => c.req.header('authorization') === `Bearer ${process.env.API_TOKEN}` ? next() : c.json({ error: 'unauthorized' }, 401));
app.route('/agents/assistant', createAgentRouter(Assistant));
export default app;
