import { envelope } from './envelope.js'
import type { CallFacts } from './envelope.js'
import type { Piece } from './objects.js'

/** Answers that `cache_url` gives again without a charge. */
export interface AnswerKeep {
  put(facts: CallFacts, pieces: readonly Piece[]): void
  /** The body at the address a `cache_url` held; null where it is unknown or older than a day. */
  get(url: string, now: number): Buffer | null
}

const dayMs = 86_400_000
const mostKept = 100

/** Keeps the last hundred answers for 24 hours. */
export function createAnswerKeep(): AnswerKeep {
  const kept = new Map<string, { facts: CallFacts; pieces: readonly Piece[] }>()
  return {
    put(facts, pieces) {
      kept.set(facts.cacheUrl, { facts, pieces })
      if (kept.size <= mostKept) return
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        return
      }
    },
    get(url, now) {
      const found = kept.get(url)
      return found && now - found.facts.now < dayMs ? envelope(found.facts, found.pieces) : null
    },
  }
}
