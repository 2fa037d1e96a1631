// Runs the handlers of functions as Lambda would: a line of JSON in, `{directory, handler, environment, event}`, and a line out, `{answer}` with what the
// handler answers CloudFormation, or `{error}`. As in a container of Lambda, the code is loaded anew for each, and the AWS SDK once.
// The address of the answer exists nowhere.
const https = require('node:https');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { Writable } = require('node:stream');

const HOST = 'cloudformation.invalid';
let answer;

const request = https.request;
https.request = (options, done) => {
  if (options.hostname !== HOST) return request(options, done);
  let body = '';
  return new Writable({
    write(chunk, _encoding, next) { body += chunk; next(); },
    final(next) {
      answer = body;
      next();
      done({ statusCode: 200, resume() {}, on() {}, once() {} });
    },
  });
};

const ask = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  if (new URL(url).hostname !== HOST) return ask(url, options);
  answer = options.body;
  return new Response();
};

// A handler's own words are not its answer.
console.log = console.info = console.error;

async function invoke({ directory, handler, environment, event }) {
  const [file, entry] = handler.split('.');
  process.env = environment;
  answer = undefined;
  await require(path.join(directory, file))[entry](event, {});
  // what it left to itself and has failed by now ends this process
  await new Promise(setImmediate);
  if (!answer) throw new Error('the function answered nothing');
  return { answer: JSON.parse(answer) };
}

(async () => {
  for await (const line of createInterface(process.stdin)) {
    const said = await invoke(JSON.parse(line)).catch(error => ({ error: error?.stack ?? String(error) }));
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
})();
