import { registerProvider } from '@flue/runtime';

/** Lets MODEL_SPECIFIER name `openai-compatible/<model>` on any server that speaks the chat-completions API. */
export function registerOpenAiCompatibleProvider(): void {
  const baseUrl = process.env.OPENAI_COMPATIBLE_URL;
  if (!baseUrl) return;
  registerProvider('openai-compatible', {
    api: 'openai-completions',
    baseUrl,
    // The client refuses to start without a key, and local servers ignore it.
    apiKey: process.env.OPENAI_COMPATIBLE_API_KEY || 'not-needed',
    contextWindow: 128_000,
    maxTokens: 8_192,
  });
}
