import { createProvider } from '@earendil-works/pi-ai';
import { openAICompletionsApi } from '@earendil-works/pi-ai/api/openai-completions.lazy';
import { setProvider } from '@flue/runtime';

/** Lets an agent name a model of the server at OPENAI_COMPATIBLE_URL. */
export function setOpenAiCompatibleProvider(): void {
  const baseUrl = process.env.OPENAI_COMPATIBLE_URL;
  if (!baseUrl) return;
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
