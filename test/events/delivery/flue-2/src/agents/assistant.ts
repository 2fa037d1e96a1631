'use agent';
import { useModel } from '@flue/runtime';

export function Assistant() {
  useModel(process.env.MODEL_SPECIFIER ?? 'anthropic/claude-sonnet-4-6');
  return 'Answer briefly.';
}
