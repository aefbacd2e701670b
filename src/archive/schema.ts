import type Database from 'better-sqlite3'
import { ArchiveError } from '../model/errors.js'
import type { Column, Table } from '../model/table.js'
import { tableOf, tables } from '../model/tables.js'
import { columnList } from './sql.js'
import { views } from './views.js'

/** Marks the file as ours (`PRAGMA application_id`): "feed" in ASCII. */
const applicationId = 0x66656564

/** The first bytes of every database of SQLite. */
export const databaseMagic = 'SQLite format 3\0'

const applicationIdAt = 68

/** True for the first bytes of an archive of ours, by the format of SQLite's files. */
export const beginsArchive = (head: Buffer): boolean =>
  head.length >= applicationIdAt + 4 &&
  head.toString('latin1', 0, databaseMagic.length) === databaseMagic &&
  head.readUInt32BE(applicationIdAt) === applicationId

/** Version of the schema (`PRAGMA user_version`). */
export const schemaVersion = 5

/** What leads from each version to the next: the entry at index 0 leads from 1 to 2. */
const migrations: readonly ((database: Database.Database) => void)[] = [
  addJournal,
  addForgetting,
  addTold,
  addReposts,
]

/** What tables alone cannot say: an index on the few requests that wait for a time. */
const waitingIndex =
  'CREATE INDEX requests_waiting ON requests (not_before) ' +
  `WHERE state = 'pending' AND not_before IS NOT NULL`

/** Lists of which something was left out or failed are few; coverage asks for theirs. */
const leftIndex = `CREATE INDEX requests_left ON requests (listing_key) WHERE state IN ('skipped', 'failed')`

/** Few answers of walks are imported, too; each is looked for here when it comes again. */
const importedTooIndex =
  'CREATE INDEX journal_imported_too ON journal (response_id) ' +
  `WHERE event = 'held' AND request_id IS NULL`

/** From 1 to 2: the order in which answers were saved, for `rebuild`; drift; more of requests and media. */
function addJournal(database: Database.Database): void {
  for (const name of ['journal', 'rebuilds', 'drift', 'listing_pages'] as const)
    for (const statement of tableSql(tableOf(name))) database.exec(statement)
  database.exec('ALTER TABLE requests ADD COLUMN thread INTEGER')
  for (const column of ['reason TEXT', 'ended_at INTEGER'])
    database.exec(`ALTER TABLE media ADD COLUMN ${column}`)
  database.exec('ALTER TABLE listings ADD COLUMN announced_below INTEGER')
  database.exec('ALTER TABLE listings ADD COLUMN known_run INTEGER NOT NULL DEFAULT 0')
  database.exec(
    'CREATE INDEX listings_by_endpoint_subject_pass ON listings (endpoint, subject, pass)',
  )
  for (const statement of [waitingIndex, leftIndex]) database.exec(statement)
  database.exec(
    `INSERT INTO journal (event, at, response_id, request_id, is_list, reason)
     SELECT event, at, response_id, request_id, is_list, reason FROM (
       SELECT 'answer' AS event, received_at AS at, response_id, request_id,
              request_id IS NULL AS is_list, NULL AS reason
       FROM responses WHERE outcome = 'page'
       UNION ALL
       SELECT 'end', finished_at, (SELECT response_id FROM responses
                WHERE responses.request_id = requests.request_id ORDER BY received_at DESC LIMIT 1),
              request_id, 0, reason
       FROM requests WHERE finished_at IS NOT NULL AND reason IS NOT NULL
     ) ORDER BY at`,
  )
}

/** From 2 to 3: who is forgotten; which answers of walks were imported, too. */
function addForgetting(database: Database.Database): void {
  database.exec(importedTooIndex)
  for (const name of forgetTables)
    for (const statement of tableSql(tableOf(name))) database.exec(statement)
}

/** From 3 to 4: more of what answers tell; of those that are held, `rebuild` tells it. */
function addTold(database: Database.Database): void {
  const added = {
    users: ['view_count INTEGER', 'character_count INTEGER'],
    observations: ['character_count INTEGER'],
    attachments: ['style TEXT'],
    generations: ['style TEXT'],
    tasks: ['failure_reason TEXT'],
  }
  addColumns(database, added)
}

/** From 4 to 5: who reposted what, and into which place of the feed; more of what answers tell. */
function addReposts(database: Database.Database): void {
  for (const statement of tableSql(tableOf('reposts'))) database.exec(statement)
  addColumns(database, {
    feed_entries: ['reposter_user_id TEXT'],
    posts: ['post_locations TEXT', 'workspace_id TEXT'],
    comments: ['post_locations TEXT', 'workspace_id TEXT'],
    attachments: ['tags TEXT'],
    generations: ['tags TEXT', 'group_id TEXT', 'assets TEXT'],
    tasks: ['task_type TEXT'],
  })
}

function addColumns(database: Database.Database, added: Record<string, readonly string[]>): void {
  for (const [table, columns] of Object.entries(added))
    for (const column of columns) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`)
}

const forgetTables = [
  ...(['forgotten', 'denylist', 'forget_keys', 'rewritten'] as const),
  ...(['forgetting', 'forgetting_names'] as const),
]

const sqlTypes = {
  text: 'TEXT',
  int: 'INTEGER',
  real: 'REAL',
  bool: 'INTEGER',
  time: 'INTEGER',
  json: 'TEXT',
  blob: 'BLOB',
} as const

const columnSql = (column: Column): string =>
  `"${column.name}" ${sqlTypes[column.type]}${column.required ? ' NOT NULL' : ''}`

/** The statements that make a table and its indexes, as the one list of tables describes it. */
function tableSql(table: Table): string[] {
  const key = `PRIMARY KEY (${columnList(table.key)})`
  const columns = [...table.columns.map(columnSql), key]
  const indexSql = (index: readonly string[], verb: string) =>
    `${verb} "${table.name}_by_${index.join('_')}" ON "${table.name}" (${columnList(index)})`
  return [
    `CREATE TABLE "${table.name}" (\n  ${columns.join(',\n  ')}\n)`,
    ...(table.indexes ?? []).map((index) => indexSql(index, 'CREATE INDEX')),
    ...(table.unique ?? []).map((index) => indexSql(index, 'CREATE UNIQUE INDEX')),
  ]
}

function createSchema(database: Database.Database, toTable = (table: Table) => table): void {
  for (const table of tables)
    for (const statement of tableSql(toTable(table))) database.exec(statement)
  renewViews(database)
  for (const statement of [waitingIndex, leftIndex, importedTooIndex]) database.exec(statement)
  database.pragma(`application_id = ${applicationId}`)
  database.pragma(`user_version = ${schemaVersion}`)
}

/** Makes the tables of an archive in an empty database, where every column may be NULL. */
export const createLooseSchema = (database: Database.Database): void =>
  createSchema(database, (table) => ({
    ...table,
    columns: table.columns.map((each) => ({ ...each, required: false })),
  }))

/** Makes the views that are not, word for word, this program's: they hold nothing. */
function renewViews(database: Database.Database): void {
  const held = database.prepare("SELECT sql FROM sqlite_schema WHERE type = 'view'").pluck().all()
  for (const view of views.filter((each) => !held.includes(each))) {
    database.exec(`DROP VIEW IF EXISTS ${/^CREATE VIEW (\w+)/.exec(view)![1]}`)
    database.exec(view)
  }
}

/** A database that another program made. */
export class ForeignFileError extends ArchiveError {
  override name = 'ForeignFileError'
}

/**
 * Brings an open database to this program's schema and views, in one transaction; writes nothing where
 * they are so.
 * @throws ArchiveError if the file is another program's, or newer than this program.
 */
export function prepareSchema(database: Database.Database, path: string): void {
  const version = readVersion(database, path)
  database.transaction(() => {
    if (version === 0) createSchema(database)
    else for (let from = version; from < schemaVersion; from += 1) migrations[from - 1]!(database)
    renewViews(database)
    if (version !== schemaVersion) database.pragma(`user_version = ${schemaVersion}`)
  })()
}

/**
 * The schema version of an open database; 0 for an empty file.
 * @throws ArchiveError if the file is another program's, or newer than this program.
 */
export function readVersion(database: Database.Database, path: string): number {
  const version = database.pragma('user_version', { simple: true }) as number
  const id = database.pragma('application_id', { simple: true }) as number
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (isEmpty) return 0
  if (id !== applicationId)
    throw new ForeignFileError(
      `${path} is an SQLite file of another program; name another --archive`,
    )
  if (version > schemaVersion)
    throw new ArchiveError(
      `${path} has schema version ${version}; this program knows up to ${schemaVersion}. ` +
        'Install a newer afterfeed; nothing was changed.',
    )
  if (version < 1)
    throw new ArchiveError(
      `${path} has schema version ${version}, which no afterfeed writes: its header is damaged. ` +
        'Restore a backup; nothing was changed.',
    )
  return version
}
