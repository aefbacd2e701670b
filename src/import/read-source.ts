import { createReadStream } from 'node:fs'
import { beginsArchive } from '../archive/schema.js'
import { isGenerationId } from '../model/ids.js'
import { ByteReader } from './byte-reader.js'
import { foreignBytes, readForeign } from './foreign.js'
import { isGzip } from './packing.js'
import { type Piece, type Reading, type Source } from './piece.js'
import { readJson } from './read-json.js'
import { readWarc } from './read-warc.js'
import { readZip, readZipStream } from './read-zip.js'
import { unpacked } from './unpack.js'
import { videoKindOf } from './video-kind.js'

/** Finds out by its content what a source is, and yields what it holds. */
export async function* readSource(source: Source, reading: Reading): AsyncGenerator<Piece> {
  const reader = new ByteReader(source.bytes)
  try {
    await reader.skipMark()
    for await (const piece of readAs(source, reader, reading))
      yield { ...piece, place: `${source.place}${piece.place}` }
    reader.check()
  } catch (error) {
    yield { kind: 'bad', place: source.place, problem: problemOf(error) }
  } finally {
    await reader.close()
  }
}

async function* readAs(
  source: Source,
  reader: ByteReader,
  reading: Reading,
): AsyncGenerator<Piece> {
  const head = (await reader.ahead(foreignBytes)).subarray(0, foreignBytes)
  const text = head.toString('latin1')
  const foreign = readForeign(text)
  if (head.length === 0) reader.check()
  if (head.length === 0) yield { kind: 'skipped', place: '', reason: 'empty', problem: 'is empty' }
  else if (isGzip(head)) yield* readGzip(source, reader, reading)
  else if (/^PK(\x03\x04|\x05\x06)/.test(text))
    yield* source.path === null
      ? readZipStream(source, reader.rest(), reading)
      : readZip(source.path, reading)
  else if (/^(\xff\xfe|\xfe\xff|[[{]\0|\0[[{])/.test(text))
    yield { kind: 'bad', place: '', problem: 'is text in UTF-16: save it in UTF-8' }
  else if (text.startsWith('WARC/')) yield* readWarc(reader.rest(), reading)
  else if (beginsArchive(head))
    yield { kind: 'bad', place: '', problem: 'is an archive: unpack it, and name it itself' }
  else if (foreign !== null) yield foreign
  else if (videoKindOf(head) !== null) yield readVideo(source)
  else yield* readJson(reader, reading, source.openBeside)
}

async function* readGzip(
  source: Source,
  reader: ByteReader,
  reading: Reading,
): AsyncGenerator<Piece> {
  if (source.depth > 1) throw new Error('is packed too often: unpack it')
  reading.found('gzip')
  const bytes = unpacked(reader.rest(), reading.limits)
  yield* readSource({ ...source, bytes, place: '', path: null, depth: source.depth + 1 }, reading)
}

/** A video is of the official export if it is named after its generation. */
function readVideo({ name, path }: Source): Piece {
  const generationId = name.replace(/\.\w+$/, '')
  if (!isGenerationId(generationId) || path === null)
    return { kind: 'skipped', place: '', reason: 'binary' }
  return { kind: 'video', place: '', generationId, open: () => createReadStream(path) }
}

/** What is wrong with bytes that could not be read to their end. */
export function problemOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string }
  if (code === 'Z_BUF_ERROR') return 'is cut off inside its gzip: what came before is kept'
  if (code?.startsWith('Z_')) return `is no whole gzip (${message}): what came before is kept`
  if (code?.startsWith('E')) return `cannot be read: ${message}`
  return message
}
