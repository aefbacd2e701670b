import { createHmac } from 'node:crypto'

/** Digits of a pseudonym: 80 bits, so that a million people share none. */
const digits = 20

/** Digests that are kept at hand; answers come again row after row. */
const mostKept = 20_000

/**
 * Names that stand for names: HMAC-SHA-256 under a key, each kind in a domain of its own. The same key
 * gives the same names over tables and releases; without it nobody can tell or test whose they are.
 */
export class Pseudonyms {
  readonly #kept = new Map<string, string>()

  constructor(private readonly key: Uint8Array) {}

  /** A person's id: `user-p_…`, or `ch_p_…` for a character. */
  person(userId: string): string {
    const kind = userId.startsWith('ch_') ? 'ch_' : 'user-'
    return `${kind}${this.handle(userId)}`
  }

  /** The handle of the person with that id. */
  handle(userId: string): string {
    return `p_${this.#digest('person', userId)}`
  }

  /** A handle of which nobody knows whose it is. */
  unknownHandle(handle: string): string {
    return `p_${this.#digest('handle', handle)}`
  }

  /** Anything else that is only to be told from its like. */
  mark(domain: 'answer' | 'file' | 'list' | 'other', value: string): string {
    return `${marks[domain]}_${this.#digest(domain, value)}`
  }

  #digest(domain: string, value: string): string {
    const whole = `${domain}\n${value}`
    const kept = this.#kept.get(whole)
    if (kept !== undefined) return kept
    const digest = createHmac('sha256', this.key).update(whole).digest('hex').slice(0, digits)
    if (this.#kept.size >= mostKept) this.#kept.clear()
    this.#kept.set(whole, digest)
    return digest
  }
}

const marks = { answer: 'r', file: 'f', list: 'l', other: 'x' } as const
