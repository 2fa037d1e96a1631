'use strict';
// Posts what waits in the inbox to the Flue server: one event at a time for each conversation, as the FIFO queue hands them out.
const http = require('node:http');
const https = require('node:https');

const MAX_REASON = 512;
const CONNECT_TIMEOUT_MS = 10_000;
/** How long a token is kept before it is read again. */
const TOKEN_LIFE_MS = 300_000;
/** Answers that say "not now": the server did not take the event. */
const LATER = new Set([408, 409, 421, 425, 429, 503]);
/** Conflicts that stay: Flue refuses the event for what it is. */
const LASTING_CONFLICT = /"type":\s*"(?:submission_conflict|agent_instance_exists)"/;

/** Seconds until the next attempt: soon while a deployment may be under way, seldom after ten minutes. */
function backoff(receives) {
  return receives > 20 ? 300 : Math.min(30, 5 * 2 ** (Math.max(1, receives) - 1));
}

/** A name for each fire of a schedule, as a part of a path. */
function nameOfFire({ schedule, time }) {
  return `${schedule.split('/').pop()}-${time.replace(/[^0-9A-Za-z]/g, '')}`;
}

const isName = (value) => typeof value === 'string' && value !== '';

/** What the server is to get for an event; throws for what is none. */
function requestFor(text, key, { major, prefix }) {
  const event = JSON.parse(text);
  if (isName(event?.workflow)) {
    if (major >= 2) throw new Error('Flue 2 has no workflows: send the event to an agent');
    return { path: `${prefix}/workflows/${encodeURIComponent(event.workflow)}?wait=result`, body: event.input ?? {} };
  }
  const conversation = event?.conversation ?? (event?.fire && nameOfFire(event.fire));
  if (!isName(event?.agent) || !isName(conversation) || typeof event.message !== 'string') {
    throw new Error('an event has `agent`, `conversation` and `message`, or `workflow`');
  }
  const path = `${prefix}/agents/${encodeURIComponent(event.agent)}/${encodeURIComponent(conversation)}`;
  return { path, body: major >= 2 ? { kind: 'user', body: event.message, idempotencyKey: key } : { message: event.message } };
}

/** Posts, and says how far it came: `sent` is whether the server may have seen the request. */
function post(url, headers, body, timeoutMs) {
  return new Promise((resolve) => {
    let sent = false;
    let ended = false;
    const end = (outcome) => {
      if (ended) return;
      ended = true;
      clearTimeout(connecting);
      clearTimeout(running);
      resolve({ sent, ...outcome });
    };
    const secure = url.protocol === 'https:';
    const request = (secure ? https : http).request(url, {
      // a kept connection may be one that the server has just closed
      method: 'POST', agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    const stop = (problem) => request.destroy(new Error(problem));
    const connecting = setTimeout(() => stop('no connection in time'), CONNECT_TIMEOUT_MS);
    const running = setTimeout(() => stop('no answer in time'), timeoutMs);
    request.once('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => {
      sent = true;
      clearTimeout(connecting);
    }));
    request.once('error', (error) => end({ problem: error.message || error.code || 'no connection' }));
    request.once('response', (response) => {
      let start = '';
      response.setEncoding('utf8');
      response.on('data', (part) => { if (start.length < 4096) start += part; });
      response.once('end', () => end({ status: response.statusCode, text: start.slice(0, 4096) }));
      response.once('error', (error) => end({ problem: error.message }));
      response.once('aborted', () => end({ problem: 'the answer broke off' }));
    });
    request.end(body);
  });
}

/**
 * What becomes of an event: `delivered`, `later`, or `dead`.
 *
 * An event whose fate nobody knows is repeated only where a second one does no harm: Flue 2 knows the key of the first.
 */
function judge({ sent, status, text, problem }, repeats) {
  if (status >= 200 && status < 300) return { verdict: 'delivered' };
  if (status !== undefined) {
    const answer = `${status}: ${text}`;
    if (LATER.has(status) && !(status === 409 && LASTING_CONFLICT.test(text))) return { verdict: 'later', reason: answer };
    if (status >= 500) return { verdict: repeats ? 'later' : 'dead', reason: `outcome unknown, ${answer}` };
    return { verdict: 'dead', reason: answer };
  }
  if (!sent) return { verdict: 'later', reason: problem };
  return { verdict: repeats ? 'later' : 'dead', reason: `outcome unknown, ${problem}` };
}

/** Clients of AWS, from the SDK of the runtime. */
function clients() {
  const { SQSClient, ChangeMessageVisibilityCommand, SendMessageCommand } = require('@aws-sdk/client-sqs');
  const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
  const sqs = new SQSClient({});
  return {
    hide: (input) => sqs.send(new ChangeMessageVisibilityCommand(input)),
    send: (input) => sqs.send(new SendMessageCommand(input)),
    secret: async (id) => (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: id }))).SecretString,
  };
}

function makeHandler(environment, aws, now = Date.now, log = (line) => console.log(JSON.stringify(line))) {
  const settings = {
    server: new URL(environment.SERVER_URL),
    prefix: environment.PATH_PREFIX ?? '',
    major: Number(environment.FLUE_MAJOR ?? 0),
    timeoutMs: Number(environment.REQUEST_SECONDS) * 1000,
    retryMs: Number(environment.RETRY_SECONDS) * 1000,
    repeats: environment.REPEATS === 'true',
  };
  let token;

  async function authorization(fresh) {
    if (environment.CREDENTIAL_ARN === undefined) return {};
    if (fresh || token === undefined || now() - token.at > TOKEN_LIFE_MS) {
      const text = await aws.secret(environment.CREDENTIAL_ARN);
      const value = environment.CREDENTIAL_FIELD === undefined ? text : JSON.parse(text)[environment.CREDENTIAL_FIELD];
      if (!isName(value)) throw new Error('the secret has no such field');
      token = { at: now(), value };
    }
    return { authorization: `Bearer ${token.value}` };
  }

  async function attempt({ path, body }) {
    const url = new URL(`${settings.server.pathname.replace(/\/$/, '')}${path}`, settings.server);
    const text = JSON.stringify(body);
    const outcome = await post(url, await authorization(false), text, settings.timeoutMs);
    // the token may have changed since it was read
    return outcome.status === 401 && environment.CREDENTIAL_ARN !== undefined
      ? post(url, await authorization(true), text, settings.timeoutMs) : outcome;
  }

  async function deliver(record) {
    const { attributes } = record;
    const key = record.messageAttributes?.Key?.stringValue ?? attributes.MessageDeduplicationId;
    const receives = Number(attributes.ApproximateReceiveCount);
    const told = { group: attributes.MessageGroupId, key, receives };
    let request;
    let result;
    try {
      request = requestFor(record.body, key, settings);
    } catch (error) {
      result = { verdict: 'dead', reason: `no event: ${error.message}` };
    }
    if (request !== undefined) {
      try {
        result = judge(await attempt(request), settings.repeats);
      } catch (error) {
        result = { verdict: 'later', reason: `no token: ${error.message}` };
      }
    }
    if (result.verdict === 'later' && now() - Number(attributes.SentTimestamp) > settings.retryMs) {
      result = { verdict: 'dead', reason: `not delivered in time, ${result.reason}` };
    }
    if (result.verdict === 'dead') {
      const reason = printable(result.reason);
      await aws.send({
        QueueUrl: environment.DEAD_LETTER_QUEUE_URL,
        MessageBody: record.body,
        MessageGroupId: attributes.MessageGroupId,
        // the same event may come here again after a redrive
        MessageDeduplicationId: `${record.messageId}-${receives}`,
        MessageAttributes: { Reason: { DataType: 'String', StringValue: reason }, Key: { DataType: 'String', StringValue: key } },
      });
    } else if (result.verdict === 'later') {
      const seconds = backoff(receives);
      await aws.hide({ QueueUrl: environment.QUEUE_URL, ReceiptHandle: record.receiptHandle, VisibilityTimeout: seconds });
    }
    log({ event: result.verdict, ...told, reason: result.reason && printable(result.reason) });
    return result.verdict !== 'later';
  }

  return async ({ Records: records }) => {
    const failures = [];
    for (const record of records) {
      const done = await deliver(record).catch((error) => {
        // SQS did not answer: the event comes back when its visibility timeout ends
        log({ event: 'failed', reason: error.message });
        return false;
      });
      if (!done) {
        failures.push({ itemIdentifier: record.messageId });
      }
    }
    return { batchItemFailures: failures };
  };
}

/** A text that an attribute of a message can hold. */
function printable(text) {
  return text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g, ' ').slice(0, MAX_REASON);
}

let own;
module.exports = {
  backoff, judge, makeHandler, requestFor,
  handler: (event) => (own ??= makeHandler(process.env, clients()))(event),
};
