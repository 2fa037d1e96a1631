/** Shorter values stand in any log by chance. */
const LEAST_LENGTH = 6;

/** The forms in which a log may show a secret. */
export function formsOf(secret: string): string[] {
  return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString('base64')])]
    .filter(form => form.length >= LEAST_LENGTH);
}

export function shows(text: string, secret: string): boolean {
  return formsOf(secret).some(form => text.includes(form));
}

/** A text without the secrets in it. */
export function redact(text: string, secrets: Iterable<string>): string {
  let result = text;
  for (const form of [...secrets].flatMap(formsOf).sort((a, b) => b.length - a.length)) {
    result = result.split(form).join('[secret]');
  }
  return result;
}
