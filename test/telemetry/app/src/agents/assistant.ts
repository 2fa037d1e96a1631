'use agent';
import { useModel } from '@flue/runtime';

export function Assistant() {
  useModel('stub/echo');
  return 'Answer briefly.';
}
