import { setTimeout as sleep } from 'node:timers/promises'
import { headBytes } from '../model/file-kind.js'
import { agreedKind, isUntold, plainType } from './content-kind.js'
import type { Bandwidth } from './bandwidth.js'
import type { MediaAnswer, MediaClient } from './media-client.js'
import { PartialFile, type WholeFile } from './partial-file.js'
import type { RateMeter } from './rate-meter.js'
import { readHead, tooLarge, wrongLength, type BodyAhead } from './read-answer.js'
import { checkUrl, redirectTarget, type UrlRules } from './safe-url.js'
import { SlownessWatch, type SlownessLimits } from './slowness-watch.js'
import { trouble, troubleOfError, troubleOfStatus, type Trouble } from './trouble.js'

/** A file to be received now. */
export interface DownloadTarget {
  assetKey: string
  url: string
  /** Size as the API announces it. */
  announced: number | null
  /** When its link ends, in microseconds; NULL: it tells no end. */
  deadline: number | null
  /** Told of bytes as they come. */
  onBytes: (bytes: number) => void
}

/** What a download needs. */
export interface DownloadRoom extends SlownessLimits {
  dir: string
  isSynced: boolean
  client: Pick<MediaClient, 'fetchFile'>
  rules: UrlRules
  largestBytes: number
  untyped: boolean
  bandwidth: Bandwidth
  meter: RateMeter
  clock: () => number
  signal: AbortSignal
  /** True if other files wait for their turn. */
  hasOthers: () => boolean
  /** Called before the first byte of a file of so many bytes is written. */
  requireSpace: (bytes: number) => void
}

/** A whole file with the note beside it, which goes once the archive knows; or what went wrong. */
export type Downloaded =
  { file: WholeFile; isReceived: boolean; forget: () => Promise<void> } | { trouble: Trouble }

const redirectsLimit = 3

/**
 * Receives a file: whole and under its name, or not at all. What came before a break is kept and gone
 * on with at the next try.
 */
export async function download(room: DownloadRoom, target: DownloadTarget): Promise<Downloaded> {
  const partial = new PartialFile(room.dir, target.assetKey, room.isSynced)
  const forget = () => partial.forget()
  const held = await partial.recover()
  if (held !== null) return { file: held, isReceived: false, forget }
  let hasBegun = false
  try {
    const answer = await ask(room, target, partial)
    hasBegun = true
    const file = await receive(room, { target, partial, answer })
    return { file, isReceived: true, forget }
  } catch (error) {
    const known = room.signal.aborted
      ? { consequence: 'again' as const, reason: 'interrupted', problem: 'interrupted' }
      : troubleOfError(error, hasBegun)
    if (known === null) {
      await partial.keep().catch(() => undefined)
      throw error
    }
    await (dropsPartial(known) ? partial.forget() : partial.keep())
    return { trouble: known }
  }
}

/** Bytes of something else, or of what is not to be kept. */
const dropsPartial = ({ consequence, reason }: Trouble): boolean =>
  consequence === 'refused' ||
  consequence === 'gone' ||
  ['changed', 'content_range', 'wrong_length', 'status_416'].includes(reason)

/** Asks for a file, or the rest of it, and follows redirects to places that are as safe as the first. */
async function ask(
  room: DownloadRoom,
  { url }: DownloadTarget,
  partial: PartialFile,
): Promise<MediaAnswer> {
  let address = url
  for (let redirects = 0; redirects <= redirectsLimit; redirects += 1) {
    const checked = checkUrl(address, room.rules)
    if (!checked.isSafe) throw refusal(checked.reason, checked.problem, redirects)
    const rest = partial.resume()
    const answer = await room.client.fetchFile({ ...checked, rest, signal: room.signal })
    if (answer.status === 200 || answer.status === 206) return answer
    const location = answer.headers['location']
    if (answer.status < 300 || answer.status >= 400 || location === undefined)
      throw await refusedBy(answer, room)
    answer.body.drop()
    address = redirectTarget(checked.origin, checked.path, location)
  }
  throw trouble('refused', 'redirect', `more than ${redirectsLimit} redirects`)
}

const refusal = (reason: string, problem: string, redirects: number) =>
  redirects === 0
    ? trouble('refused', reason, problem)
    : trouble('refused', 'redirect', `redirected to where nothing is asked for: ${problem}`)

const mostOfRefusal = 4096

async function refusedBy({ status, headers, body }: MediaAnswer, room: DownloadRoom) {
  const watch = new SlownessWatch(room)
  let text = ''
  try {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      watch.came(chunk.length)
      text += chunk.toString('latin1')
      if (text.length > mostOfRefusal) break
      watch.waits()
    }
  } catch {
    // What was to come tells no more than the status.
  }
  body.drop()
  const { consequence, reason, problem, ...more } = troubleOfStatus(status, {
    ...{ body: text, retryAfter: headers['retry-after'], now: room.clock() },
  })
  const again = status === 416 ? 'again' : consequence
  return trouble(again, reason, problem, more)
}

interface Receiving {
  target: DownloadTarget
  partial: PartialFile
  answer: MediaAnswer
}

async function receive(room: DownloadRoom, receiving: Receiving): Promise<WholeFile> {
  const { target, partial, answer } = receiving
  const { announced } = target
  try {
    const { largestBytes, untyped } = room
    const asked = { resume: partial.resume(), announced, largestBytes, untyped }
    const ahead = readHead(answer.status, answer.headers, asked)
    room.requireSpace((ahead.total ?? announced ?? 0) - ahead.from)
    await partial.begin(ahead.from, ahead)
    await receiveBytes(room, receiving, ahead)
    return await finish(partial, ahead, announced)
  } finally {
    answer.body.drop()
  }
}

async function receiveBytes(
  room: DownloadRoom,
  { target, partial, answer: { body } }: Receiving,
  { total, contentType }: BodyAhead,
): Promise<void> {
  const { meter, bandwidth, clock, largestBytes } = room
  const watch = new SlownessWatch(room)
  const { deadline } = target
  let isKindKnown = false
  meter.begin(clock())
  try {
    for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
      watch.came(chunk.length)
      if (deadline !== null && total !== null && room.hasOthers())
        watch.requireInTime(total - partial.bytes, deadline - clock())
      meter.add(chunk.length, clock())
      target.onBytes(chunk.length)
      if (partial.bytes + chunk.length > (total ?? largestBytes))
        throw total === null
          ? tooLarge(partial.bytes + chunk.length, largestBytes)
          : trouble('again', 'cut', `more than the ${total} bytes of its header came`)
      await partial.write(chunk)
      if (!isKindKnown && partial.head.length >= headBytes) {
        requireKind(contentType, partial.head)
        isKindKnown = true
      }
      const waitMs = bandwidth.take(chunk.length)
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: room.signal })
      watch.waits()
    }
  } finally {
    meter.end(clock())
  }
}

async function finish(
  partial: PartialFile,
  { total, contentType }: BodyAhead,
  announced: number | null,
): Promise<WholeFile> {
  const { bytes } = partial
  if (total !== null && bytes < total)
    throw trouble('again', 'cut', `the body ended after ${bytes} of ${total} bytes`)
  if (announced !== null && bytes !== announced) throw wrongLength(bytes, announced)
  const kind = requireKind(contentType, partial.head)
  return partial.finish(kind, isUntold(contentType) ? kind.contentType : plainType(contentType))
}

function requireKind(contentType: string | null, head: Uint8Array) {
  const kind = agreedKind(contentType, head)
  if (kind === null)
    throw trouble(
      'refused',
      'content',
      `its first bytes are not those of ${plainType(contentType) || 'video, image or captions'}`,
    )
  return kind
}
