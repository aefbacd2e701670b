import { isUtf8 } from 'node:buffer'
import { isWire, type Wire } from '../model/reading.js'
import { routeOf, type Route } from '../model/routes.js'
import { end, type ByteReader } from './byte-reader.js'
import { mayBeJson, withoutPacking } from './packing.js'
import { CutOff, megabytes, type ImportLimits, type Piece, type Reading } from './piece.js'
import { hasNext } from './read-json.js'

const headBytes = 4096
const head = /^\{\s*"log"\s*:\s*\{/
const quote = 0x22
const brace = 0x7b
const bracket = 0x5b
const colon = 0x3a
const comma = 0x2c

/** True if a HAR begins here; nothing is read over. */
export const isHar = async (reader: ByteReader): Promise<boolean> =>
  head.test((await reader.ahead(headBytes)).subarray(0, headBytes).toString('latin1'))

/**
 * Reads a HAR entry by entry, and yields the bodies of answers that may be ours, each with the time at
 * which its entry says it came. Headers and cookies are left where they are.
 */
export async function* readHar(reader: ByteReader, reading: Reading): AsyncGenerator<Piece> {
  reading.found('har')
  await enterEntries(reader)
  const byte = await reader.nextByte()
  if (byte === end) throw new CutOff(0)
  if (byte !== brace) return
  for (let index = 0; index === 0 || (await hasNext(reader, index)); index += 1) {
    const place = `#entries/${index}`
    const entry = await reader.value(reading.limits.answer)
    if (entry === undefined) throw new CutOff(index)
    yield entry === null
      ? {
          ...{ kind: 'bad', place },
          problem: `is longer than ${megabytes(reading.limits.answer)}, the most that one entry may be`,
        }
      : readEntry(place, entry, reading.limits)
  }
}

/** Reads up to the first of `log.entries`, over whatever stands before it. */
async function enterEntries(reader: ByteReader): Promise<void> {
  await enterObject(reader)
  await readKey(reader)
  await enterObject(reader)
  for (;;) {
    const key = await readKey(reader)
    const byte = await reader.nextByte()
    if (byte === end) throw new CutOff(0)
    if (key === 'entries' && byte === bracket) return reader.skipByte()
    if ((await reader.value(0)) === undefined) throw new CutOff(0)
    const next = await reader.nextByte()
    if (next === end) throw new CutOff(0)
    if (next !== comma) throw new SyntaxError('is a HAR without entries')
    reader.skipByte()
  }
}

async function enterObject(reader: ByteReader): Promise<void> {
  await reader.nextByte()
  reader.skipByte()
}

const longestKey = 1000

async function readKey(reader: ByteReader): Promise<string> {
  const byte = await reader.nextByte()
  if (byte === end) throw new CutOff(0)
  if (byte !== quote) throw new SyntaxError('is a HAR without entries')
  const key = await reader.value(longestKey)
  if (key === undefined) throw new CutOff(0)
  const next = await reader.nextByte()
  if (next === end) throw new CutOff(0)
  if (next !== colon) throw new SyntaxError('is no JSON: a colon is missing')
  reader.skipByte()
  return key === null ? '' : key.toString().slice(1, -1)
}

function readEntry(place: string, bytes: Buffer, limits: ImportLimits): Piece {
  const entry = parsed(bytes)
  if (entry === null)
    return { kind: 'bad', place, problem: 'is no entry of a HAR that can be read' }
  const { request, response } = entry
  const route = isWire(request) ? routeOf(String(request['url'])) : null
  const { status, content, headers } = isWire(response) ? response : {}
  if (status !== 200) {
    const isStatus = typeof status === 'number' && status > 0
    const reason = isStatus ? `HTTP ${status}` : 'no answer'
    return { kind: 'skipped', place, reason: route === null ? 'not ours' : reason }
  }
  return readContent({
    place,
    route,
    at: answeredAt(entry),
    content: isWire(content) ? content : {},
    packing: packingIn(headers),
    limit: limits.answer,
  })
}

const binary = /^(image|video|audio|font)\/|octet-stream|wasm|zip|protobuf/i

function readContent(answer: {
  place: string
  route: Route | null
  at: number | null
  content: Wire
  packing: string
  limit: number
}): Piece {
  const { place, route, at, content } = answer
  const { text, encoding, mimeType } = content
  if (route === null && typeof mimeType === 'string' && binary.test(mimeType))
    return { kind: 'skipped', place, reason: 'binary' }
  if (typeof text !== 'string' || text === '')
    return route === null || content['size'] === 0
      ? { kind: 'skipped', place, reason: route === null ? 'not ours' : 'no content' }
      : { kind: 'bad', place, problem: 'has no content: the HAR was saved without it' }
  const isText = encoding !== 'base64'
  const written = isText ? Buffer.from(text.toWellFormed()) : Buffer.from(text, 'base64')
  const body = isText ? written : unpackedBody(written, answer)
  if (typeof body !== 'string' && mayBeJson(body))
    return { kind: 'text', place, bytes: body, told: { route, at, clock: 'har' } }
  if (route === null)
    return { kind: 'skipped', place, reason: isUtf8(written) ? 'not ours' : 'binary' }
  return { kind: 'bad', place, problem: typeof body === 'string' ? body : 'is no JSON' }
}

/** Some tools write a body as it came over the wire. @returns why, if it cannot be unpacked */
function unpackedBody(
  written: Buffer,
  { packing, limit }: { packing: string; limit: number },
): Buffer | string {
  try {
    return withoutPacking(written, packing, limit)
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
  const started = typeof startedDateTime === 'string' ? Date.parse(startedDateTime) : NaN
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
