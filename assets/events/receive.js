'use strict';
// Puts webhooks and events of EventBridge into the inbox. A webhook gets a 2xx only when SQS has the event; what is not signed as agreed goes no further.
const { createHash, createHmac, timingSafeEqual } = require('node:crypto');

/** A message of SQS has 1 MiB, and a body may double when it is written as JSON. */
const MAX_BODY_BYTES = 512 * 1024;
const WINDOW_SECONDS = 300;
const SECRET_LIFE_MS = 300_000;
/** A forged request must not cost a call to Secrets Manager each. */
const SECRET_REST_MS = 30_000;

const answer = (statusCode, body = {}) => ({ statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const hmac = (secret, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('sha256', secret)).digest('hex');

function same(one, other) {
  const [left, right] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(left, right);
}

/** What a header or a body claims: the signatures, one of which must be right, the bytes that they sign, and the time in it. */
const SCHEMES = {
  github: ({ headers, raw }) => ({ signatures: [headers['x-hub-signature-256']], prefix: 'sha256=', signed: [raw] }),
  slack: ({ headers, raw }) => {
    const time = headers['x-slack-request-timestamp'];
    return { signatures: [headers['x-slack-signature']], prefix: 'v0=', signed: [`v0:${time}:`, raw], time };
  },
  stripe: ({ headers, raw }) => {
    const parts = (headers['stripe-signature'] ?? '').split(',').map((part) => part.trim().split('='));
    const time = parts.find(([name]) => name === 't')?.[1];
    return { signatures: parts.filter(([name]) => name === 'v1').map(([, value]) => value), prefix: '', signed: [`${time}.`, raw], time };
  },
  hmac: ({ headers, raw }, { header, prefix = '', timestampHeader }) => {
    const time = timestampHeader === undefined ? undefined : headers[timestampHeader.toLowerCase()];
    const timed = timestampHeader !== undefined;
    return { signatures: [headers[header.toLowerCase()]], prefix, signed: timed ? [`${time}.`, raw] : [raw], ...timed && { time } };
  },
};

/** Whether a request is signed, and not too old. */
function isGenuine(request, verify, secret, now) {
  const claim = SCHEMES[verify.scheme](request, verify);
  if ('time' in claim && !(/^\d{1,12}$/.test(claim.time ?? '') && Math.abs(now / 1000 - Number(claim.time)) <= WINDOW_SECONDS)) {
    return false;
  }
  const right = `${claim.prefix}${hmac(secret, ...claim.signed)}`;
  return claim.signatures.some((signature) => typeof signature === 'string' && same(signature, right));
}

/** A field of a JSON document, by the names that lead to it. */
function fieldOf(document, path) {
  const value = path.split('.').reduce((inside, name) => (inside !== null && typeof inside === 'object' && Object.hasOwn(inside, name) ? inside[name] : undefined), document);
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : undefined;
}

const ID_FIELDS = { slack: 'event_id', stripe: 'id' };
const nameOf = (text) => text.replace(/[^A-Za-z0-9_.~:@-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 72);

/** The message of SQS for what came: its conversation is the fixed one, the one that it names, or one of its own. */
function messageFor({ QUEUE_URL, NAME }, { agentName, conversationId, conversationField }, { text, document, id }) {
  const named = conversationField === undefined ? conversationId : fieldOf(document, conversationField);
  const conversation = nameOf(named ?? id) || 'event';
  return {
    QueueUrl: QUEUE_URL,
    // SQS refuses these two signs
    MessageBody: JSON.stringify({ agent: agentName, conversation, message: text }).replace(/[\uFFFE\uFFFF]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`),
    MessageGroupId: `${agentName}/${conversation}`,
    MessageDeduplicationId: createHash('sha256').update(`${NAME}\n${id}`).digest('hex'),
  };
}

function clients() {
  const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
  const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');
  const sqs = new SQSClient({});
  return {
    send: (input) => sqs.send(new SendMessageCommand(input)),
    secret: async (id) => (await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: id }))).SecretString,
  };
}

function makeReceiver(environment, aws, now = Date.now, log = (line) => console.log(JSON.stringify(line))) {
  const settings = JSON.parse(environment.WEBHOOK);
  const { verify } = settings;
  let kept;

  async function secretText(life) {
    if (kept === undefined || now() - kept.at > life) {
      kept = { at: now(), value: await aws.secret(environment.CREDENTIAL_ARN) };
    }
    return kept.value;
  }

  async function genuine(request) {
    if (isGenuine(request, verify, await secretText(SECRET_LIFE_MS), now())) return true;
    const before = kept;
    // the secret may have changed since it was read
    return await secretText(SECRET_REST_MS) !== before.value && isGenuine(request, verify, kept.value, now());
  }

  return async (event) => {
    const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const request = { raw, headers: event.headers ?? {} };
    if (raw.length > MAX_BODY_BYTES) return answer(413);
    try {
      if (verify !== undefined && !await genuine(request)) {
        log({ event: 'refused', reason: 'signature or time' });
        return answer(401);
      }
    } catch (error) {
      log({ event: 'failed', reason: error.message });
      return answer(503);
    }
    const text = raw.toString('utf8');
    let document;
    try {
      document = JSON.parse(text);
    } catch {
      // a form, such as a command of Slack
    }
    if (verify?.scheme === 'slack' && document?.type === 'url_verification') {
      return answer(200, { challenge: document.challenge });
    }
    const idField = verify?.idField ?? ID_FIELDS[verify?.scheme];
    // a header that nobody signs would let a replay pass for another event; the same bytes are the same delivery
    const id = (idField && fieldOf(document, idField)) ?? createHash('sha256').update(raw).digest('hex');
    const message = messageFor(environment, settings, { text, document, id });
    try {
      await aws.send(message);
    } catch (error) {
      log({ event: 'failed', reason: error.message });
      return answer(503);
    }
    log({ event: 'accepted', group: message.MessageGroupId });
    return answer(verify?.scheme === 'slack' ? 200 : 202);
  };
}

/** Takes an event of EventBridge. Where SQS does not take it, the function fails, and AWS Lambda hands the event over again. */
function makeTaker(environment, aws, log = (line) => console.log(JSON.stringify(line))) {
  const settings = JSON.parse(environment.PATTERN);
  return async (event) => {
    const message = messageFor(environment, settings, { text: JSON.stringify(event), document: event, id: event.id });
    await aws.send(message);
    log({ event: 'accepted', group: message.MessageGroupId });
  };
}

let own;
module.exports = {
  isGenuine, makeReceiver, makeTaker,
  handler: (event) => (own ??= makeReceiver(process.env, clients()))(event),
  take: (event) => (own ??= makeTaker(process.env, clients()))(event),
};
