'use agent';
import { useModel, useSandbox } from '@flue/runtime';
import { fargateSandbox } from '../sandbox.ts';

export function Shell() {
  useModel(process.env.MODEL_SPECIFIER!);
  useSandbox(fargateSandbox());
  return 'You run commands in a machine of your own.';
}
