// One half of a way from one network to another, which meet in a socket file.
import { connect, createServer } from 'node:net';

const [mode, host, port, file] = process.argv.slice(2);
const far = mode === 'listen' ? { path: file } : { host, port: Number(port) };
const server = createServer((socket) => {
  const upstream = connect(far);
  for (const end of [socket, upstream]) end.on('error', () => { socket.destroy(); upstream.destroy(); });
  socket.pipe(upstream).pipe(socket);
});
if (mode === 'listen') server.listen(Number(port), host);
else server.listen(file);
