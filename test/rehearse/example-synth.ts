import { exampleApp } from '../../scripts/examples';

/** Synthesizes the bundled example app. */
export async function synthesizeExample(outdir: string): Promise<void> {
  (await exampleApp('agents', { outdir })).synth();
}
