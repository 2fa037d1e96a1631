import { createServer } from 'node:http';

/** A server that passes every check; each app beside it changes one thing. */
export function serve({ port = process.env.PORT, host, health = (response) => response.writeHead(200).end('ok'), handlesSigterm = true } = {}) {
  const kept = new Set();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/health') return health(response);
    if (request.headers.authorization !== `Bearer ${process.env.API_TOKEN}`) return response.writeHead(401).end();
    if (pathname === '/notes' && request.method === 'POST') {
      const id = String(kept.size + 1);
      kept.add(id);
      return response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id }));
    }
    if (pathname === '/stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const heartbeat = setInterval(() => response.write(': heartbeat\n\n'), 500);
      return response.on('close', () => clearInterval(heartbeat));
    }
    const note = /^\/notes\/(\d+)$/.exec(pathname)?.[1];
    return response.writeHead(kept.has(note) ? 200 : 404).end();
  });
  server.listen({ port, host });
  console.log(`listening on ${port}`);
  process.on('SIGTERM', () => {
    if (!handlesSigterm) return;
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
