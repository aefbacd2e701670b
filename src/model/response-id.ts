import { createHash } from 'node:crypto'
import type { Absence, Params } from './page.js'
import { requestKey } from './params.js'

/** What an answer is known by. */
export interface AnswerContent {
  endpoint: string
  params: Params
  bodySha256: string
  /** The time that the answer itself tells outside of its body (HAR, WARC), in microseconds. */
  toldAt?: number
}

/** SHA-256 of bytes, or of a text in UTF-8, in hex. */
export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** The id of an answer: the same content has the same id, wherever and whenever it is read. */
export function responseIdOf({ endpoint, params, bodySha256, toldAt }: AnswerContent): string {
  const content = [requestKey(endpoint, params), bodySha256, toldAt ?? ''].join('\n')
  return `r_${sha256(content).slice(0, 24)}`
}

/** A call that found nothing, as archives tell each other of it. */
export interface AbsentContent {
  endpoint: string
  params: Params
  reason: Absence['reason']
  /** When it was answered, in microseconds. */
  at: number
  /** Digest of what came; NULL if nothing did. */
  bodySha256: string | null
}

/** The id of such a call in every archive but the one that made it. */
export function absenceIdOf({ endpoint, params, reason, at, bodySha256 }: AbsentContent): string {
  const content = [requestKey(endpoint, params), reason, at, bodySha256 ?? ''].join('\n')
  return `e_${sha256(content).slice(0, 24)}`
}
