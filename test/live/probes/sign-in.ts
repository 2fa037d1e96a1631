import type { Probe } from './probe';
import { ask } from '../http';

/** The cookie in which a load balancer keeps a session. */
const SESSION = 'AWSELBAuthSessionCookie-0=bm90LWEtc2Vzc2lvbg';

export const signIn: Probe = {
  name: 'sign-in',
  promises: 'The load balancer sends whoever has no session to the sign-in, believes no cookie that it did not write, and lets a public path through.',
  hosts: ['signin'],
  asks: 'server',
  async run({ url }) {
    const path = '/agents/assistant/live-sign-in';
    const body = { message: 'who goes there' };
    const asked = {
      'a page': await ask(url, '/', { selfSigned: true }),
      'a prompt': await ask(url, path, { body, selfSigned: true }),
      'a forged session': await ask(url, path, { body, selfSigned: true, cookie: SESSION }),
    };
    const open = await ask(url, '/health', { selfSigned: true });
    const elsewhere = Object.entries(asked).filter(([, { status, location }]) => status !== 302 || !isSignIn(location));
    return {
      holds: elsewhere.length === 0 && open.status === 200,
      says: elsewhere.length === 0
        ? `all of ${Object.keys(asked).join(', ')} were sent to the sign-in, the public path answered ${open.status}`
        : `not sent to the sign-in: ${elsewhere.map(([what, { status }]) => `${what} (${status})`).join(', ')}`,
    };
  },
};

function isSignIn(location: string | undefined): boolean {
  if (location === undefined || !URL.canParse(location)) return false;
  const { protocol, pathname, searchParams } = new URL(location);
  return protocol === 'https:' && pathname === '/oauth2/authorize' && searchParams.get('response_type') === 'code'
    && searchParams.has('client_id') && (searchParams.get('redirect_uri') ?? '').endsWith('/oauth2/idpresponse');
}
