import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { makeRoom, removeRoom } from '../archive/temporary-room.js'
import { isGenerationId } from '../model/ids.js'
import { bodyOfHar, harsFirst, opened } from './beside.js'
import {
  Unsound,
  type Bytes,
  type OpenBeside,
  type Piece,
  type Reading,
  type Source,
} from './piece.js'
import { readSource } from './read-source.js'
import { refuseBomb } from './unpack.js'

/** A ZIP that comes through a pipe is laid down first: its list of members stands at its end. */
export async function* readZipStream(
  source: Source,
  bytes: Bytes,
  reading: Reading,
): AsyncGenerator<Piece> {
  if (source.depth > 0)
    return yield { kind: 'bad', place: '', problem: 'is a ZIP inside another file: unpack it' }
  const folder = await makeRoom('afterfeed-import-')
  reading.later(() => removeRoom(folder))
  const path = join(folder, 'piped.zip')
  await pipeline(Readable.from(bytes, { objectMode: false }), createWriteStream(path))
  yield* readZip(path, reading)
}

/**
 * Reads the members of a ZIP one after the other, HARs first, then in the order of their names; names
 * are shown and never used as paths. Videos are told, and read later: it stays open for them alone.
 */
export async function* readZip(path: string, reading: Reading): AsyncGenerator<Piece> {
  const zip = await openZip(path)
  let hasVideo = false
  try {
    reading.found('zip')
    for await (const piece of readMembers(zip, reading)) {
      hasVideo ||= piece.kind === 'video'
      yield piece
    }
  } finally {
    if (hasVideo) reading.later(() => zip.close())
    else zip.close()
  }
}

async function* readMembers(zip: ZipFile, reading: Reading): AsyncGenerator<Piece> {
  const members = await listMembers(zip, reading)
  const isWacz = areOfWacz(members)
  if (isWacz) reading.found('wacz')
  const entries = new Map(members.map(({ name, entry }) => [name, entry]))
  const taken = new Set<string>()
  for (const { entry, name } of members) {
    const place = `!/${name}`
    if (taken.has(name) || (isWacz && !isWarc.test(name))) {
      yield { kind: 'skipped', place, reason: taken.has(name) ? bodyOfHar : 'index of a WACZ' }
      continue
    }
    const problem = refusalOf(entry, name) ?? bombIn(entry, reading)
    if (problem !== null) yield { kind: 'bad', place, problem }
    else {
      const openBeside = besideOf(name, { zip, reading, entries, taken })
      yield* readMember({ zip, entry, name, place, openBeside }, reading)
    }
  }
}

interface Beside {
  zip: ZipFile
  reading: Reading
  entries: ReadonlyMap<string, Entry>
  taken: Set<string>
}

/** Opens members in the folder of another, and notes that they were taken with it. */
function besideOf(name: string, { zip, reading, entries, taken }: Beside): OpenBeside {
  const folder = name.slice(0, name.lastIndexOf('/') + 1)
  return async (file) => {
    const entry = entries.get(folder + file)
    if (entry === undefined) return null
    taken.add(folder + file)
    return opened(() => {
      const problem = refusalOf(entry, file) ?? bombIn(entry, reading)
      if (problem !== null) throw new Error(problem)
      return openMember(zip, entry)
    })
  }
}

const isWarc = /^archive\/[^/]+\.warc(\.gz)?$/

/** True for a WACZ (1.1.1): its WARCs are read, the rest of it is about them. */
const areOfWacz = (members: readonly Member[]): boolean =>
  members.some(({ name }) => name === 'datapackage.json') &&
  members.some(({ name }) => isWarc.test(name))

async function openZip(path: string): Promise<ZipFile> {
  try {
    return await yauzl.openPromise(path, { autoClose: false, decodeStrings: false })
  } catch (error) {
    throw new Error(`is no whole ZIP (${(error as Error).message}): nothing in it can be read`)
  }
}

interface Member {
  entry: Entry
  name: string
}

const byName = (one: Member, other: Member): number =>
  harsFirst(one.name, other.name) || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)

async function listMembers(zip: ZipFile, { limits }: Reading): Promise<Member[]> {
  if (zip.entryCount > limits.members)
    throw new Error(`has ${zip.entryCount} members, more than the ${limits.members} that are read`)
  const members: Member[] = []
  let packed = 0
  for await (const entry of zip.eachEntry()) {
    packed += entry.compressedSize
    if (packed > zip.fileSize)
      throw new Error('has members that overlap: it is taken for a bomb, and nothing of it is read')
    const name = nameOf(entry)
    if (!name.endsWith('/')) members.push({ entry, name })
  }
  return members.sort(byName)
}

function nameOf(entry: Entry): string {
  const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false)
}

const symbolicLink = 0xa000

/** Why a member is not read; NULL if it is. */
function refusalOf(entry: Entry, name: string): string | null {
  if (yauzl.validateFileName(name) !== null || name.includes('\0'))
    return 'has a name that leads out of its folder: it is not taken'
  if (entry.isEncrypted()) return 'is encrypted: unpack the ZIP with its password, and import that'
  if (((entry.externalFileAttributes >>> 16) & 0xf000) === symbolicLink)
    return 'is a symbolic link: it is not followed'
  if (!entry.canDecodeFileData())
    return `is packed in a way (${entry.compressionMethod}) that is not read: unpack it, and import that`
  return null
}

function bombIn({ compressedSize, uncompressedSize }: Entry, { limits }: Reading): string | null {
  try {
    refuseBomb({ bytesIn: compressedSize, bytesOut: uncompressedSize }, limits)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

interface MemberToRead extends Member {
  zip: ZipFile
  place: string
  openBeside: OpenBeside
}

async function* readMember(
  { zip, entry, name, place, openBeside }: MemberToRead,
  reading: Reading,
): AsyncGenerator<Piece> {
  const base = name.split('/').at(-1) ?? name
  const generationId = base.replace(/\.\w+$/, '')
  if (/\.(mp4|mov|webm)$/i.test(base) && isGenerationId(generationId))
    return yield {
      kind: 'video',
      place,
      generationId,
      open: () => openMember(zip, entry),
    }
  let bytes: Bytes
  try {
    bytes = await openMember(zip, entry)
  } catch (error) {
    return yield { kind: 'bad', place, problem: `cannot be read: ${(error as Error).message}` }
  }
  const source = { bytes, place, name: base, path: null, depth: 1, openBeside }
  yield* readSource(source, reading)
}

const openMember = async (zip: ZipFile, entry: Entry): Promise<Bytes> =>
  checked(await zip.openReadStreamPromise(entry), entry.crc32)

/** Node has it from 20.15 on; before, members are taken unchecked. */
const { crc32 } = zlib as Partial<typeof zlib>

/** @throws Unsound behind the last byte, if the bytes do not fit their checksum */
async function* checked(bytes: Bytes, expected: number): AsyncGenerator<Uint8Array> {
  let sum = 0
  for await (const chunk of bytes) {
    sum = crc32?.(chunk, sum) ?? 0
    yield chunk
  }
  if (crc32 !== undefined && sum !== expected)
    throw new Unsound('does not fit its checksum: the ZIP is damaged, and what it told may be, too')
}
