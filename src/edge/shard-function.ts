import { HASH_DIGITS, SHARD_HEADER, type Partition } from '../invariants/shards/partition';

/**
 * The function of CloudFront that writes the shard of a request into a header, whatever the client wrote there.
 *
 * What it reads otherwise than the server does, the server refuses.
 */
export function shardFunction({ shards, agentPaths }: Partition): string {
  const routes = agentPaths.map(path => path.toLowerCase().split('/').filter(Boolean));
  return `import crypto from 'crypto';
const routes = ${JSON.stringify(routes)};
function handler(event) {
  const request = event.request;
  const path = request.uri.split('/').filter(segment => segment !== '');
  const route = routes.find(segments => path.length > segments.length
    && segments.every((segment, index) => segment === '*' || segment === path[index].toLowerCase()));
  let shard = 0;
  if (route) {
    let id;
    try {
      id = decodeURIComponent(path[route.length]);
    } catch (error) {
      return { statusCode: 400, statusDescription: 'Bad Request' };
    }
    shard = parseInt(crypto.createHash('sha256').update(id).digest('hex').slice(0, ${HASH_DIGITS}), 16) % ${shards};
  }
  request.headers['${SHARD_HEADER}'] = { value: String(shard) };
  return request;
}
`;
}
