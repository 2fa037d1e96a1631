import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../serve.mjs';

await sleep(20_000);
serve();
