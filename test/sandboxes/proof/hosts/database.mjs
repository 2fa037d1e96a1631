// A real Postgres on a host of the test's network: `database.mjs ADDRESS PORT`. It prints what a client needs.
import { connect, createServer } from 'node:net';
import { startPostgres } from '../../../../examples/agents/test/support/postgres.ts';

const [address, port] = process.argv.slice(2);
const postgres = await startPostgres();
const relay = createServer(client => {
  const server = connect(postgres.port, 'localhost');
  client.on('error', () => server.destroy()).on('close', () => server.destroy()).pipe(server);
  server.on('error', () => client.destroy()).on('close', () => client.destroy()).pipe(client);
});
await new Promise(done => relay.listen(Number(port), address, done));
process.once('SIGTERM', () => void postgres.close().then(() => process.exit(0)));
console.log(JSON.stringify({ url: postgres.url({ port: Number(port) }), caFile: postgres.caFile }));
