import { end, type ByteReader } from './byte-reader.js'
import { CutOff, longerThan, type OpenBeside, type Piece, type Reading } from './piece.js'
import { readEntry } from './read-har-entry.js'
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
export async function* readHar(
  reader: ByteReader,
  reading: Reading,
  openBeside: OpenBeside,
): AsyncGenerator<Piece> {
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
      ? { kind: 'bad', place, problem: longerThan(reading.limits.answer, 'entry') }
      : await readEntry(place, entry, { limits: reading.limits, openBeside })
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
