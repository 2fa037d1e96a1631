import { signIn } from './sign-in';
import { probed, type Handler } from '../stand-in';

const PAGE = 'https://flue-live-aa11.auth.us-east-1.amazoncognito.com/oauth2/authorize?client_id=x&redirect_uri=https%3A%2F%2Flb.example.com%2Foauth2%2Fidpresponse&response_type=code&scope=openid';
const answering = (change: Handler = () => undefined) => probed(signIn, (request, body) =>
  change(request, body) ?? (request.url === '/health' ? { status: 200 } : { status: 302, location: PAGE }), { host: 'signin' });

test('finds nothing wrong with a load balancer that asks for a sign-in', async () => {
  expect(await answering()).toEqual({ holds: true, says: 'all of a page, a prompt, a forged session were sent to the sign-in, the public path answered 200' });
});

test.each<[string, Handler, string]>([
  ['that lets everyone in', ({ url }) => url === '/health' ? undefined : { status: 200 }, 'not sent to the sign-in: a page (200), a prompt (200), a forged session (200)'],
  ['that believes a cookie of anyone', ({ headers }) => headers.cookie ? { status: 200 } : undefined, 'not sent to the sign-in: a forged session (200)'],
  ['that lets a program through', ({ method, headers }) => method === 'POST' && !headers.cookie ? { status: 401 } : undefined, 'not sent to the sign-in: a prompt (401)'],
  ['that sends people elsewhere', ({ url }) => url === '/' ? { status: 302, location: 'https://example.com/' } : undefined, 'not sent to the sign-in: a page (302)'],
  ['whose redirect has no address', ({ url }) => url === '/' ? { status: 302 } : undefined, 'not sent to the sign-in: a page (302)'],
])('condemns one %s', async (_, change, says) => {
  expect(await answering(change)).toEqual({ holds: false, says });
});

test('condemns a public path that asks for a sign-in', async () => {
  expect(await answering(({ url }) => url === '/health' ? { status: 302, location: PAGE } : undefined)).toMatchObject({ holds: false });
});
