// A server whose every request and stop can be steered: /health, /hold?ms=…, and with SICK=… never well. It ends only when its last request has.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://probe');
  const wait = url.pathname === '/hold' ? Number(url.searchParams.get('ms')) : 0;
  setTimeout(() => response.writeHead(process.env.SICK ? 503 : 200).end(`${url.pathname}\n`), wait);
});
process.on('SIGTERM', () => {
  console.log('probe: SIGTERM');
  server.close(() => console.log('probe: the last request was answered'));
  server.closeIdleConnections();
});
server.listen(Number(process.env.PORT), () => console.log('probe: listening'));
