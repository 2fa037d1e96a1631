import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';

/** Requires `Authorization: Bearer <token>` when a token is configured, and lets everything through when none is. */
export function bearerToken(token: string | undefined): MiddlewareHandler {
  if (token === undefined) return (_c, next) => next();
  if (token.trim() === '') throw new Error('API_TOKEN is set but empty. Unset it to serve without a token.');

  const expected = digest(token);
  return async (c, next) => {
    const presented = /^Bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (presented !== undefined && timingSafeEqual(digest(presented), expected)) return next();
    return c.json(
      { error: { type: 'unauthorized', message: 'A valid bearer token is required.', details: '' } },
      401,
      { 'WWW-Authenticate': 'Bearer' },
    );
  };
}

/** Equal lengths, whatever was presented: timingSafeEqual requires them. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}
