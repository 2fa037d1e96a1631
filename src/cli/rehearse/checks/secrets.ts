import type { Check } from './check';
import { formsOf, shows } from '../redact';

export const SECRETS: Check = {
  id: 'secrets',
  title: 'No secret shows in the logs or in the health answers',
  skip: ({ secrets }) => Object.keys(secrets).length === 0 ? 'the service has no secrets' : undefined,
  async run(session) {
    const all = Object.entries(session.secrets);
    const known = all.filter(([, value]) => formsOf(value).length > 0);
    const places: [string, string][] = [['the log', session.output], ['an answer to the health check', session.healthBodies.join('\n')]];
    const shown = known.flatMap(([name, value]) => places.filter(([, text]) => shows(text, value)).map(([place]) => `${name} in ${place}`));
    const limit = 'none';
    if (shown.length > 0) {
      return {
        status: 'fail',
        measured: `shows ${shown.join(', ')}`,
        limit,
        fix: 'Do not log the environment, or errors that quote a connection string. Everyone who can read the logs could read the secret, so replace it.',
      };
    }
    const short = all.length - known.length;
    return { status: 'pass', measured: `${known.length} looked for in ${session.output.length} characters${short > 0 ? `; ${short} too short to look for` : ''}`, limit };
  },
};
