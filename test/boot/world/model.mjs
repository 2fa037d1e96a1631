// The model provider: the example's own stand-in, reachable by the boxes.
import { connect, createServer } from 'node:net';
import { startModelServer } from '../../../examples/agents/test/support/model-server.ts';

const [host, port] = process.argv.slice(2);
const { env } = await startModelServer();
const target = Number(new URL(env.OPENAI_COMPATIBLE_URL).port);
createServer((socket) => {
  const upstream = connect(target, '127.0.0.1');
  for (const end of [socket, upstream]) end.on('error', () => { socket.destroy(); upstream.destroy(); });
  socket.pipe(upstream).pipe(socket);
}).listen(Number(port), host);
