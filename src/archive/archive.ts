import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import { AnswerTimes } from './answer-times.js'
import { archivePathIn, hasArchive, hasLog, isFile, noArchiveAt } from './archive-file.js'
import { Bodies } from './bodies.js'
import { openDatabaseFile } from './database-file.js'
import { Denylist } from './forget/denylist.js'
import { Intake } from './forget/intake.js'
import { Frontier } from './frontier.js'
import { HeldAnswers } from './held-answers.js'
import { Journal } from './journal.js'
import { Ledger } from './ledger.js'
import { ListingLog } from './listing-log.js'
import { PageWriter } from './page-writer.js'
import { RebuildState } from './rebuild-state.js'
import { RunLog } from './run-log.js'
import { prepareSchema, readVersion, schemaVersion } from './schema.js'
import { toOpenError } from './storage-error.js'
import { WalkPlanner } from './walk-planner.js'
import { lockForWriting } from './writer-lock.js'

/**
 * How far a saved page is safe. `full`: also against loss of power. `normal`: against any crash of
 * programs; the last moments before a loss of power may be asked for again.
 */
export type Durability = 'full' | 'normal'

/** How an archive is opened. */
export interface OpenOptions {
  durability?: Durability
  /** Opened to finish a rebuild, or to begin one. */
  isForRebuild?: boolean
  /** Opened to go on with a forget, or to begin one. */
  isForForget?: boolean
  /** No archive is made. */
  mustExist?: boolean
}

/** An archive open for writing: the one connection that writes, and what lives on it. */
export class Archive {
  readonly answers: HeldAnswers
  readonly bodies: Bodies
  readonly denylist: Denylist
  readonly frontier: Frontier
  readonly intake: Intake
  readonly journal: Journal
  readonly ledger: Ledger
  readonly listings: ListingLog
  readonly pages: PageWriter
  readonly planner: WalkPlanner
  readonly rebuilds: RebuildState
  readonly runs: RunLog
  readonly times: AnswerTimes

  constructor(
    readonly database: Database.Database,
    readonly dir: string,
    private readonly release: () => void,
  ) {
    this.answers = new HeldAnswers(database)
    this.bodies = new Bodies(database)
    this.denylist = new Denylist(database)
    this.intake = new Intake(database, this.denylist)
    this.frontier = new Frontier(database)
    this.journal = new Journal(database)
    this.ledger = new Ledger(database, this.denylist)
    this.listings = new ListingLog(database)
    this.pages = new PageWriter(database, this.denylist)
    this.planner = new WalkPlanner(database, this.frontier, this.listings)
    this.rebuilds = new RebuildState(database)
    this.runs = new RunLog(database, this.denylist)
    this.times = new AnswerTimes(database, this.denylist)
  }

  /** Runs `work` in one transaction: all of it is kept, or nothing. */
  transaction<Result>(work: () => Result): Result {
    return this.database.transaction(work).immediate()
  }

  /** The first instant after `now` at which a held signature ends; NULL if there is none. */
  nearestDeadline(now: number): number | null {
    const sql = 'SELECT min(expires_at) FROM assets WHERE expires_at > ?'
    return this.database.prepare(sql).pluck().get(now) as number | null
  }

  close(): void {
    this.database.close()
    this.release()
  }
}

/**
 * Opens the archive in a folder for writing, and makes it if there is none.
 * @throws ArchiveError if it is in use, newer than this program, or no archive
 */
export function openArchive(dir: string, options: OpenOptions = {}): Archive {
  const { durability = 'full', mustExist = false } = options
  const path = archivePathIn(dir)
  if (mustExist) openForReading(dir, options).close()
  if (isFile(dir)) throw noArchiveAt(dir)
  const isThere = hasArchive(dir)
  makeFolder(dir)
  // Before anything is written to it or beside it: a file of another program stays as it is.
  if (isThere) checked(openDatabase(path, { readonly: hasLog(path) }), path).close()
  const release = lockForWriting(join(dir, 'writer.lock'))
  let database: Database.Database | undefined
  try {
    database = checked(openDatabase(path, {}), path)
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${durability}`)
    // macOS calls a page synced that only lies in the memory of the disk.
    database.pragma(`fullfsync = ${durability === 'full'}`)
    database.pragma('wal_autocheckpoint = 10000')
    database.pragma('cache_size = -16000')
    database.pragma('temp_store = MEMORY')
    prepareSchema(database, path)
    refuseUnfinished(database, path, options)
    return new Archive(database, dir, release)
  } catch (error) {
    database?.close()
    release()
    throw error
  }
}

/**
 * Opens the archive in a folder for reading, beside a writer if there is one.
 * @throws ArchiveError if there is none, or it is newer than this program
 */
export function openForReading(dir: string, options: Unfinished = {}): Database.Database {
  const path = archivePathIn(dir)
  if (!hasArchive(dir)) throw noArchiveAt(dir)
  bringUpToDate(dir)
  const database = checked(openDatabase(path, { readonly: true, fileMustExist: true }), path)
  try {
    if (readVersion(database, path) === 0)
      throw new ArchiveError(`${path} is empty; fill it with crawl or import`)
    refuseUnfinished(database, path, options)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** An archive of an earlier version is migrated before it is read. */
function bringUpToDate(dir: string): void {
  const path = archivePathIn(dir)
  const database = openDatabase(path, { readonly: true, fileMustExist: true })
  const version = versionOf(database, path)
  if (version > 0 && version < schemaVersion)
    openArchive(dir, { isForRebuild: true, isForForget: true }).close()
}

function versionOf(database: Database.Database, path: string): number {
  try {
    return readVersion(database, path)
  } finally {
    database.close()
  }
}

/** What may be unfinished in an archive that is opened nevertheless. */
export type Unfinished = Pick<OpenOptions, 'isForRebuild' | 'isForForget'>

/**
 * While a rebuild is unfinished, tables are half full; while a forget is, they hold what must go. Nobody
 * may take them for whole.
 * @throws ArchiveError if one is
 */
export function refuseUnfinished(
  database: Database.Database,
  path: string,
  { isForRebuild = false, isForForget = false }: Unfinished = {},
): void {
  if (!isForForget && isUnderWay(database, 'forgetting'))
    throw new ArchiveError(
      `a forget in ${path} is under way or was stopped. Run \`afterfeed forget\` to finish it: it goes on ` +
        'where it stopped.',
    )
  if (isForRebuild || !isUnderWay(database, 'rebuilds')) return
  throw new ArchiveError(
    `a rebuild of ${path} is due, under way or was stopped. Run \`afterfeed rebuild\` to finish it: it goes ` +
      'on where it stopped, sends no request and loses nothing.',
  )
}

/** True if the archive in a folder waits for a rebuild to be made, or finished. */
export function isUnfinished(dir: string): boolean {
  const path = archivePathIn(dir)
  const database = checked(openDatabase(path, { readonly: true, fileMustExist: true }), path)
  try {
    return isUnderWay(database, 'rebuilds')
  } finally {
    database.close()
  }
}

function isUnderWay(database: Database.Database, table: 'rebuilds' | 'forgetting'): boolean {
  const has = database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').pluck()
  return has.get(table) === 1 && database.prepare(`SELECT 1 FROM ${table}`).pluck().get() === 1
}

/** The database if it is ours or empty; else it is closed. */
function checked(database: Database.Database, path: string): Database.Database {
  try {
    readVersion(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Makes a folder and those above it.
 * @throws ArchiveError if it cannot be made
 */
export function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
  } catch (error) {
    throw new ArchiveError(`cannot make the folder ${dir}: ${(error as Error).message}`)
  }
}

function openDatabase(path: string, options: Database.Options): Database.Database {
  let database: Database.Database | undefined
  try {
    database = openDatabaseFile(path, options)
    database.pragma('schema_version')
    return database
  } catch (error) {
    database?.close()
    throw toOpenError(error, path)
  }
}
