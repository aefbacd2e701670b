import { createReadStream, existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import type { AnswerClock } from '../model/answer-time.js'
import { absentObject, answersList, toAbsence } from '../model/asked-about.js'
import { ArchiveError, InputError } from '../model/errors.js'
import type { Absence, Params } from '../model/page.js'
import { absenceIdOf, responseIdOf } from '../model/response-id.js'
import { openForReading, refuseUnfinished, type Archive } from './archive.js'
import { archivePathIn, hasArchive } from './archive-file.js'
import { Bodies } from './bodies.js'
import { openDatabaseFile } from './database-file.js'
import { mediaPathForm, type SavedMedia } from './media-store.js'
import { ForeignFileError, readVersion, schemaVersion } from './schema.js'

/** What the journal of another archive tells, as an import takes it. */
export interface OtherEntry {
  kind: 'answer' | 'absence'
  responseId: string
  endpoint: string
  params: Params
  receivedAt: number
  clock: AnswerClock
  upstreamRequestId: string | null
  isList: boolean
  /** The archive held the answer already when it came. */
  isAgain: boolean
  /** Of an absence. */
  reason: Absence['reason'] | null
  body: Buffer | null
}

interface EntryRow {
  entry: number
  event: string
  at: number
  isList: number
  isImported: number
  reason: string | null
  responseId: string
  endpoint: string
  params: string
  receivedAt: number | null
  clock: string | null
  upstreamRequestId: string | null
  bodySha256: string | null
  /** By what the answer is known that was rewritten since. */
  answerId: string | null
}

const entriesAtATime = 100

const isMediaPath = new RegExp(`^${mediaPathForm}$`)

/** Another archive cannot be read, or not to its end. */
export class OtherArchiveError extends InputError {
  override name = 'OtherArchiveError'
}

/**
 * Runs what reads another archive: its trouble is not that of the archive that is written to.
 *
 * @throws OtherArchiveError, or ForeignFileError if another program made it
 */
function reading<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof OtherArchiveError || error instanceof ForeignFileError) throw error
    const { message } = error as Error
    if (error instanceof ArchiveError) throw new OtherArchiveError(message)
    throw new OtherArchiveError(`is an archive that cannot be read (${message})`)
  }
}

/** Another archive, read in the order in which it was filled. */
export class OtherArchive {
  private readonly bodies: Bodies
  private readonly select: Database.Statement

  constructor(
    private readonly database: Database.Database,
    private readonly dir: string,
  ) {
    this.bodies = new Bodies(database)
    this.select = database.prepare(
      `SELECT entry, event, journal.at, journal.is_list AS isList, reason,
              journal.request_id IS NULL AS isImported, responses.response_id AS responseId,
              endpoint, params, received_at AS receivedAt, clock,
              upstream_request_id AS upstreamRequestId, body_sha256 AS bodySha256,
              rewritten.answer_id AS answerId
       FROM journal JOIN responses ON responses.response_id = journal.response_id
         LEFT JOIN rewritten ON rewritten.response_id = responses.response_id
       WHERE entry > ? AND event IN ('answer', 'odd', 'end') ORDER BY entry LIMIT ${entriesAtATime}`,
    )
  }

  /** Answers and absences, in the order in which they were noted; what tells nothing new is NULL. */
  *entries(): Generator<OtherEntry | null> {
    for (let last = 0; ;) {
      const rows = reading(() => this.select.all(last) as EntryRow[])
      if (rows.length === 0) return
      for (const row of rows)
        yield reading(() => (row.event === 'end' ? this.absence(row) : this.answer(row)))
      last = rows.at(-1)!.entry
    }
  }

  private answer(row: EntryRow): OtherEntry | null {
    const { bodySha256 } = row
    if (row.receivedAt === null) return null
    const body = bodySha256 === null ? undefined : this.bodies.readBytes(bodySha256)
    if (bodySha256 === null || body === undefined)
      throw new ArchiveError(`lacks the body of the answer ${row.responseId}`)
    const isList = row.isImported === 1 ? row.isList === 1 : answersList(row.endpoint)
    const entry = toEntry(row)
    // An answer that was held when it came has a row of its own: it may tell a truer time.
    const isAgain = !row.responseId.startsWith('r_')
    const content = () => row.answerId ?? responseIdOf({ ...entry, bodySha256 })
    const responseId = isAgain ? content() : row.responseId
    return { ...entry, kind: 'answer', responseId, isAgain, isList, reason: null, body }
  }

  /** A call that found nothing has its name from this archive alone; it gets one from what it tells. */
  private absence(row: EntryRow): OtherEntry | null {
    const { at, bodySha256 } = row
    const reason = toAbsence(row.reason)
    if (reason === undefined) return null
    const entry = toEntry({ ...row, receivedAt: at })
    const { endpoint, params } = entry
    if (absentObject(endpoint, params) === null) return null
    const isNamed = row.responseId.startsWith('e_')
    const responseId = isNamed ? row.responseId : absenceIdOf({ ...entry, at, reason, bodySha256 })
    const body = bodySha256 === null ? null : (this.bodies.readBytes(bodySha256) ?? null)
    return { ...entry, kind: 'absence', responseId, isList: false, reason, body }
  }

  /** The files that it holds, each with a way to read it. */
  *media(): Generator<SavedMedia & { open: () => AsyncIterable<Buffer> }> {
    const select = this.database.prepare(
      `SELECT asset_key, sha256, bytes, content_type, path, saved_at FROM media
       WHERE state = 'saved' AND asset_key > ? ORDER BY asset_key LIMIT ${entriesAtATime}`,
    )
    for (let last = ''; ;) {
      const rows = reading(() => select.all(last) as SavedMedia[])
      if (rows.length === 0) return
      for (const row of rows) {
        const path = join(this.dir, row.path ?? '')
        if (isMediaPath.test(row.path ?? '') && existsSync(path))
          yield { ...row, open: () => createReadStream(path) }
      }
      last = rows.at(-1)!.asset_key
    }
  }

  /** True if it denies somebody. */
  hasDenylist(): boolean {
    const sql = 'SELECT 1 FROM denylist LIMIT 1'
    return reading(() => this.database.prepare(sql).pluck().get() === 1)
  }

  /** Whom it denies is denied by another archive too from now on. @returns how many names are new there */
  passOnDenylist(to: Archive): number {
    return to.transaction(() => to.denylist.takeOver(this.database))
  }

  close(): void {
    this.database.close()
  }
}

const toEntry = (row: EntryRow): OtherEntry => ({
  kind: 'answer',
  responseId: row.responseId,
  endpoint: row.endpoint,
  params: JSON.parse(row.params) as Params,
  receivedAt: row.receivedAt!,
  clock: (row.clock ?? 'local') as AnswerClock,
  upstreamRequestId: row.upstreamRequestId,
  isList: false,
  isAgain: false,
  reason: null,
  body: null,
})

/**
 * Opens another archive to be merged into one: a folder, or its file.
 * @throws OtherArchiveError if it is none, or the very one
 */
export const openOther = (path: string, ownDir: string): OtherArchive =>
  reading(() => open(path, ownDir))

function open(path: string, ownDir: string): OtherArchive {
  const isFolder = statSync(path).isDirectory()
  const file = isFolder ? archivePathIn(path) : path
  if (hasArchive(ownDir) && isSameFile(file, archivePathIn(ownDir)))
    throw new ArchiveError('is the archive that is imported into')
  const dir = dirname(file)
  if (basename(file) === basename(archivePathIn(dir)))
    return new OtherArchive(openForReading(dir), dir)
  return new OtherArchive(openFile(file), dir)
}

/** The numbers of files on Windows are larger than those that JavaScript keeps apart. */
function isSameFile(one: string, other: string): boolean {
  const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })]
  return a.ino === b.ino && a.dev === b.dev
}

function openFile(file: string): Database.Database {
  const database = openDatabaseFile(file, { readonly: true, fileMustExist: true })
  try {
    const version = readVersion(database, file)
    if (version !== schemaVersion)
      throw new ArchiveError(
        `is an archive of schema version ${version}; put it into a folder as archive.sqlite, and name ` +
          'that folder: it is brought up to date then',
      )
    refuseUnfinished(database, file)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
