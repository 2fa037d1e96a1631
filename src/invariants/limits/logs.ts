import { SECONDS, within } from './limit';

export const LOG_LIMITS = {
  slowPrompt: within({
    prop: 'slowPrompt',
    of: ['FlueLogQueriesOptions'],
    unit: SECONDS,
    minimum: 0,
    atSynthesis: true,
    source: 'a prompt takes no less time',
    fix: 'Leave it out for 30 s',
  }),
};
