import { sqlite } from '@flue/runtime/node';
import { sdk } from './telemetry.ts';

const state = sqlite();

// Flue closes its state after the last run; the end that it promises to instrumentations never reached one in a built server.
export default {
  ...state,
  close: async () => {
    await state.close?.();
    // a collector that is gone must not keep the server from its end
    await sdk.shutdown().catch((error: Error) => console.error('[telemetry]', error.message));
  },
};
