import { isUtf8 } from 'node:buffer'
import type { ImportedPage } from '../archive/save-imported-page.js'
import { answerWithin } from '../model/answer-within.js'
import {
  believesEnvelope,
  isTruer,
  type AnswerClock,
  type AnswerTime,
} from '../model/answer-time.js'
import { toBodyKind } from '../model/envelope.js'
import { earliestTime } from '../model/ids.js'
import { oddityOf } from '../model/oddity.js'
import { newestTimeIn, untimely } from '../model/page-time.js'
import type { Page, Params } from '../model/page.js'
import { parseJson, type ParsedJson } from '../model/parse-json.js'
import { readParsed } from '../model/read-page.js'
import { redactParams } from '../model/redact.js'
import { accepted, recognise, type NotTaken } from '../model/recognise.js'
import { responseIdOf, sha256, type AnswerContent } from '../model/response-id.js'
import type { Told } from './piece.js'
import type { Target } from './target.js'

/** JSON text that was found, and what is known of it besides. */
export interface FoundText {
  bytes: Buffer
  told?: Told
  /** When the file was written, in microseconds: the time of what tells none of its own. */
  fileAt: number
  /** No answer is newer, by more than a day. */
  now: number
  /** As the ledger would name where it is from. */
  origin: string
}

/** An answer, or why there is none. */
export type ReadAnswer =
  | { kind: 'held'; endpoint: string }
  | { kind: 'answer'; answer: Answer }
  | { kind: 'not taken'; problem: string; reason: NotTaken }
  | { kind: 'unreadable'; problem: string }
  | { kind: 'wrapped'; problem: string }

/** An answer as it is saved. */
export type Answer = Omit<ImportedPage, 'runId' | 'origin'> & { responseId: string; body: Buffer }

/**
 * Reads an answer out of JSON text; one that is held is not read further, unless it may tell a truer
 * time, or of lists that were only walked.
 */
export function readAnswer(
  text: FoundText,
  target: Pick<Target, 'timeOf' | 'isOnlyWalked'>,
): ReadAnswer {
  const parsed = parse(text.bytes)
  if (typeof parsed === 'string') return { kind: 'unreadable', problem: parsed }
  const recognised = recognise(parsed.value, text.told?.route ?? null)
  if (!recognised.ok) {
    const { problem, reason } = recognised
    const filter =
      text.told === undefined && reason === 'not ours' ? answerWithin(parsed.value) : null
    if (filter !== null) return { kind: 'wrapped', problem: takeOut(filter) }
    return { kind: 'not taken', problem: `${problem}. Expected: ${accepted}`, reason }
  }
  const bytes = withoutSecrets(text.bytes, parsed)
  if (bytes !== text.bytes) return readAnswer({ ...text, bytes }, target)
  const { endpoint, params, isList } = recognised
  const content = { endpoint, params, bodySha256: sha256(text.bytes) }
  const responseId = idOf(content, text, timeOutside(text, parsed))
  const held = target.timeOf(responseId)
  const isNews =
    held === undefined ||
    isTruer(truestTime(text, parsed, held), held) ||
    target.isOnlyWalked(responseId)
  if (!isNews) return { kind: 'held', endpoint }
  const body = { ...content, body: text.bytes, responseId, isList }
  return { kind: 'answer', answer: { ...body, ...readRecords(endpoint, params, parsed, text) } }
}

const takeOut = (filter: string): string =>
  filter.endsWith('response.content.text | fromjson')
    ? 'is of a HAR, and not a whole one: import the HAR itself, or put its entries into the frame of one ' +
      "(`jq '{log: {entries: .}}'` for a list, `jq -s` for lines)"
    : 'holds an answer inside, and is none itself: take the answers out, each into a line ' +
      `(\`jq -c '${filter}'\`, of a list \`jq -c '.[] | ${filter}'\`), and import those`

/** What the envelope repeats of what was asked may hold somebody's key. */
function withoutSecrets(bytes: Buffer, { value }: ParsedJson): Buffer {
  const body = toBodyKind(value)
  return body.kind === 'envelope' ? redactParams(bytes, body.envelope.params) : bytes
}

/**
 * The id of an answer. That of one in a WARC of ours is made of its digest before signatures were taken
 * out, so that it is the same answer; what the WARC says of it counts only where it is of one piece with
 * what was asked. Whoever writes a WARC can claim the digest of another answer to the same question, as
 * whoever hands out an archive can: both are to be had from somebody who is trusted.
 */
function idOf(content: AnswerContent, { told }: FoundText, toldAt: number | null): string {
  const kept = told?.kept
  const known = kept === undefined ? content : { ...content, bodySha256: kept.sha256 }
  const at = told?.at ?? null
  const possible = [known, ...(at === null ? [] : [{ ...known, toldAt: at }])].map(responseIdOf)
  const claimed = possible.find((each) => each === kept?.responseId)
  return claimed ?? responseIdOf(toldAt === null ? known : { ...known, toldAt })
}

function parse(bytes: Buffer): ParsedJson | string {
  if (!isUtf8(bytes)) return `is no text in UTF-8. Expected: ${accepted}`
  try {
    return parseJson(bytes.toString())
  } catch (error) {
    return `is no JSON (${(error as Error).message}). Expected: ${accepted}`
  }
}

type Records = Pick<ImportedPage, 'page' | 'odd' | 'receivedAt' | 'clock' | 'upstreamRequestId'>

function readRecords(
  endpoint: string,
  params: Params,
  parsed: ParsedJson,
  text: FoundText,
): Records {
  const read = readParsed(endpoint, params, parsed)
  const { page, envelope } = read
  const odd = oddityOf(endpoint, params, read)
  const dated = dateOf(envelope?.timeStamp ?? null, page, text)
  return { page, odd, ...dated, upstreamRequestId: envelope?.requestId ?? null }
}

/** A clock may be a day off, no more. */
const dayMicros = 24 * 3600 * 1e6

/** True for a time at which an answer can have been given. */
export const isPossible = (at: number, now: number): boolean =>
  at >= earliestTime && at <= now + dayMicros

/** The time that a HAR or WARC tells of an answer that tells none itself: it is part of what it is. */
function timeOutside({ told, now }: FoundText, { value }: ParsedJson): number | null {
  if (told === undefined || told.at === null || !isPossible(told.at, now)) return null
  const body = toBodyKind(value)
  return body.kind === 'envelope' && body.envelope.timeStamp !== null ? null : told.at
}

type Dated = Pick<AnswerTime, 'at' | 'clock'>

/** When an answer was given, by a WARC of ours, its envelope, its HAR or WARC; NULL where none tells a possible time. */
function timeTold(timeStamp: number | null, { told, now }: FoundText): Dated | null {
  if (told?.kept && told.at !== null && isPossible(told.at, now))
    return { at: told.at, clock: told.kept.clock }
  const stamped = timeStamp === null ? null : Math.round(timeStamp * 1e6)
  if (stamped !== null && isPossible(stamped, now)) return { at: stamped, clock: 'envelope' }
  if (told === undefined || told.at === null || !isPossible(told.at, now)) return null
  return { at: told.at, clock: told.clock }
}

/** The truest time that a held answer can tell, as far as that is known before its records are read. */
function truestTime(text: FoundText, { value }: ParsedJson, held: AnswerTime): AnswerTime {
  const body = toBodyKind(value)
  const timeStamp = body.kind === 'envelope' ? body.envelope.timeStamp : null
  // As time goes by, more times in a page are possible: the newest of them gets later, never earlier.
  const inPage: Dated = { at: isPossible(held.at, text.now) ? held.at : 0, clock: 'page' }
  return { ...(timeTold(timeStamp, text) ?? inPage), origin: text.origin }
}

/** When an answer was given: as it is told, else by the newest time in it, or its file. */
function dateOf(
  timeStamp: number | null,
  page: Page,
  text: FoundText,
): { receivedAt: number; clock: AnswerClock } {
  const { fileAt, now } = text
  const told = timeTold(timeStamp, text)
  if (timeStamp !== null && !believesEnvelope(told?.clock ?? 'file'))
    page.anomalies.push(untimely(timeStamp))
  if (told !== null) return { receivedAt: told.at, clock: told.clock }
  const newest = newestTimeIn(page, now + dayMicros)
  if (newest !== null) return { receivedAt: newest, clock: 'page' }
  return { receivedAt: Math.min(fileAt, now), clock: 'file' }
}
