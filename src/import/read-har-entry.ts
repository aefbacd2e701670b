import { isUtf8 } from 'node:buffer'
import { isWire, type Wire } from '../model/reading.js'
import { routeOf, type Route } from '../model/routes.js'
import { inUtc } from './in-utc.js'
import { mayBeJson, withoutPacking } from './packing.js'
import {
  longerThan,
  wholeOf,
  type Bytes,
  type ImportLimits,
  type OpenBeside,
  type Piece,
} from './piece.js'

/** What reading an entry needs. */
interface EntryReading {
  limits: ImportLimits
  openBeside: OpenBeside
}

/** Reads one entry of a HAR: the body of an answer that may be ours, or why there is none. */
export async function readEntry(
  place: string,
  bytes: Buffer,
  reading: EntryReading,
): Promise<Piece> {
  const entry = parsed(bytes)
  if (entry === null)
    return { kind: 'bad', place, problem: 'is no entry of a HAR that can be read' }
  const [request, response] = [wireIn(entry, 'request'), wireIn(entry, 'response')]
  const route = routeOf(String(request['url']))
  const content = wireIn(response, 'content')
  const beside = await findBeside(content, reading)
  const reason = whyNone(request, response, content)
  if (reason !== null)
    return { kind: 'skipped', place, reason: route === null ? 'not ours' : reason }
  const packing = packingIn(response['headers'])
  const at = answeredAt(entry)
  return readContent({ place, route, at, content, beside, packing }, reading.limits)
}

const wireIn = (holder: Wire, name: string): Wire => {
  const value = holder[name]
  return isWire(value) ? value : {}
}

const hasText = ({ text }: Wire): boolean => typeof text === 'string' && text !== ''

/** Playwright lays bodies down in files beside the HAR, or beside it in its ZIP. */
const hasFile = ({ _file: file }: Wire): boolean => typeof file === 'string'

/** Why an entry can hold no answer; NULL if it can. What a browser held already comes with its text. */
function whyNone({ method }: Wire, response: Wire, content: Wire): string | null {
  const { status, _error: error, _failureText: failure } = response
  const isHeld = hasText(content) || hasFile(content)
  if (status !== 200 && !(status === 304 && isHeld))
    return typeof status === 'number' && status > 0 ? `HTTP ${status}` : 'no answer'
  if (isHeld) return null
  if (method === 'HEAD' || method === 'OPTIONS' || content['size'] === 0) return 'no content'
  return [error, failure].some((each) => typeof each === 'string') ? 'no answer' : null
}

const binary = /^(image|video|audio|font)\/|octet-stream|wasm|zip|protobuf/i

interface Answer {
  place: string
  route: Route | null
  at: number | null
  content: Wire
  /** Its content, where that is a file of its own that was found. */
  beside: Bytes | null
  packing: string
}

async function readContent(answer: Answer, limits: ImportLimits): Promise<Piece> {
  const { place, route, at, content } = answer
  const { mimeType } = content
  if (route === null && typeof mimeType === 'string' && binary.test(mimeType))
    return { kind: 'skipped', place, reason: 'binary' }
  const written = await writtenBody(answer, limits)
  const body = isPacked(content) ? unpackedBody(written, answer, limits) : written
  if (typeof body !== 'string' && mayBeJson(body))
    return { kind: 'text', place, bytes: body, told: { route, at, clock: 'har' } }
  if (route === null) return { kind: 'skipped', place, reason: reasonOf(written) }
  return { kind: 'bad', place, problem: typeof body === 'string' ? body : 'is no JSON' }
}

const reasonOf = (written: Buffer | string): string =>
  typeof written === 'string' || isUtf8(written) ? 'not ours' : 'binary'

/** What is text, or lies in a file of its own, was unpacked before. */
const isPacked = (content: Wire): boolean => hasText(content) && content['encoding'] === 'base64'

const withoutContent =
  'has no content: the HAR was saved without it. Save it with content, or the pages by themselves'

/** A body as it stands in the HAR, or beside it. @returns why, if there is none */
async function writtenBody(
  { content, beside }: Answer,
  limits: ImportLimits,
): Promise<Buffer | string> {
  const { text, encoding, _file: file } = content
  if (typeof text === 'string' && text !== '')
    return encoding === 'base64' ? Buffer.from(text, 'base64') : Buffer.from(text.toWellFormed())
  if (typeof file !== 'string') return withoutContent
  const where = `has its content in ${JSON.stringify(file.slice(0, 80))}, which`
  if (beside === null) return `${where} is not beside the HAR`
  try {
    return (await wholeOf(beside, limits.answer)) ?? longerThan(limits.answer)
  } catch (error) {
    return `${where} cannot be read: ${(error as Error).message}`
  }
}

/** A name alone: no way leads out of the folder of the HAR. */
const plainName = /^\w[\w.-]{0,250}$/

const findBeside = async (
  { _file: file }: Wire,
  { openBeside }: EntryReading,
): Promise<Bytes | null> =>
  typeof file === 'string' && plainName.test(file) ? openBeside(file) : null

/** Some tools write a body as it came over the wire. @returns why, if it cannot be unpacked */
function unpackedBody(
  written: Buffer | string,
  { packing }: Answer,
  limits: ImportLimits,
): Buffer | string {
  if (typeof written === 'string') return written
  try {
    return withoutPacking(written, packing, limits.answer)
  } catch (error) {
    return `cannot be unpacked: ${(error as Error).message}`
  }
}

/** How a body is packed that came with these headers. */
function packingIn(headers: unknown): string {
  const told = (Array.isArray(headers) ? headers : []).filter(isWire)
  const found = told.find(({ name }) => /^content-encoding$/i.test(String(name)))
  return String(found?.['value'] ?? '')
}

/** When the answer had come, in microseconds: the start of the request and how long it took. */
function answeredAt({ startedDateTime, time }: Wire): number | null {
  const started = typeof startedDateTime === 'string' ? Date.parse(inUtc(startedDateTime)) : NaN
  if (!Number.isFinite(started)) return null
  const took = typeof time === 'number' && time > 0 && Number.isFinite(time) ? time : 0
  return Math.round((started + took) * 1000)
}

function parsed(bytes: Buffer): Wire | null {
  if (!isUtf8(bytes)) return null
  try {
    const entry: unknown = JSON.parse(bytes.toString())
    return isWire(entry) ? entry : null
  } catch {
    return null
  }
}
