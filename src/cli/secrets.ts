import { redactSecret } from '../model/redact.js'

const secrets = new Set<string>()

/** Has a secret taken out of whatever ends up in an error message. */
export function hideSecret(secret: string | null | undefined): void {
  const shown = secret?.trim()
  if (shown) secrets.add(shown)
}

/** A text without the secrets that are known so far. */
export const withoutSecrets = (text: string): string =>
  [...secrets].reduce((clean, secret) => redactSecret(clean, secret), text)
