// The pinned CDK CLI, loaded once for all its calls: `node cdk.js DESCRIPTOR` answers at that socket until its standard input ends. A connection
// brings one call, `{folder, environment, arguments}` as a line of JSON, and takes its answer, `{status, stdout, stderr}`. The streams are files, because
// the app writes into them too. Each call is that of bin/cdk, and has ended when nothing is left to do, as a process has.
const { fstatSync, readSync } = require('node:fs');
const net = require('node:net');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

process.setSourceMapsEnabled(true);
const { cli } = require(join(__dirname, '../../../node_modules/aws-cdk/lib/index.js'));

const taken = {};
/** What a stream was told since this was asked last. */
function take(stream) {
  const begin = taken[stream] ?? 0;
  taken[stream] = fstatSync(stream).size;
  const text = Buffer.alloc(taken[stream] - begin);
  readSync(stream, text, 0, text.length, begin);
  return text.toString();
}

let caller;
const server = net.createServer(socket => {
  createInterface(socket).once('line', line => {
    const asked = JSON.parse(line);
    caller = socket.unref();
    server.unref();
    process.chdir(asked.folder);
    process.env = asked.environment;
    process.exitCode = 0;
    cli(asked.arguments);
  });
});

process.on('beforeExit', status => {
  server.ref();
  caller.ref().end(`${JSON.stringify({ status, stdout: take(1), stderr: take(2) })}\n`);
});

process.stdin.resume().on('end', () => process.exit()).unref();
server.listen({ fd: Number(process.argv[2]) });
