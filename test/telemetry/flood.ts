import { task } from './world';

/** As much of a prompt as @flue/opentelemetry puts into one span, in bytes. */
const CONTENT = 'x'.repeat(50_000);
const SPANS = 100;
const REQUESTS_AT_ONCE = 4;
const REQUEST_TIMEOUT_MS = 2000;

/** Sends spans with long prompts for so many seconds, as servers do that do not hear of an end; how often each was the answer. */
export async function flood(seconds: number): Promise<Record<string, number>> {
  const deadline = Date.now() + seconds * 1000;
  const answers: Record<string, number> = {};
  const send = async () => {
    while (Date.now() < deadline) {
      const answer = await post();
      answers[answer] = (answers[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, send));
  return answers;
}

let count = 0;

function post(): Promise<string> {
  const now = `${Date.now()}000000`;
  const spans = Array.from({ length: SPANS }, () => ({
    traceId: (++count).toString(16).padStart(32, 'f'),
    spanId: count.toString(16).padStart(16, 'f'),
    name: 'flood',
    kind: 1,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes: [{ key: 'gen_ai.input.messages', value: { stringValue: CONTENT } }],
  }));
  return fetch(`${task.server.environment.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).then(({ status }) => String(status), ({ name }) => name);
}
