import { setImmediate } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import { namesForgotten } from '../../model/forgotten-mark.js'
import type { Params } from '../../model/page.js'
import { requestKey } from '../../model/params.js'
import type { Archive } from '../archive.js'
import { equals } from '../sql.js'
import type { Denylist } from './denylist.js'
import type { Watch } from './state.js'

type Row = Record<string, string | number | null>
type Masked = (row: Row, denylist: Denylist) => Row

interface LoggedTable {
  table: string
  key: string
  columns: readonly string[]
  masked: Masked
}

const rowsAtATime = 1000

const text = (row: Row, name: string): string => String(row[name] ?? '')

const maskTexts =
  (...names: string[]): Masked =>
  (row, denylist) =>
    Object.fromEntries(
      names.map((name) => [name, row[name] === null ? null : denylist.mask(text(row, name))]),
    )

const maskParams = (row: Row, denylist: Denylist): Params =>
  denylist.maskParams(JSON.parse(text(row, 'params')) as Params)

const maskSeeds = (row: Row, denylist: Denylist): string[] =>
  (JSON.parse(text(row, 'seeds') || '[]') as string[]).map((seed) => denylist.maskSeed(seed))

/** What a run was given: seeds, or files. */
const maskFiles = (row: Row, denylist: Denylist): string[] =>
  maskSeeds(row, denylist).map((each) => denylist.maskPlace(each))

/** A request about what is forgotten keeps its place; one that was never answered is not sent any more. */
const maskRequest: Masked = (row, denylist) => {
  const params = maskParams(row, denylist)
  const isAbout = Object.values(params).some(namesForgotten)
  const isOpen = isAbout && row['state'] !== 'done'
  return {
    ...maskTexts('listing_key', 'error')(row, denylist),
    params: JSON.stringify(params),
    request_key: isAbout ? requestKey(text(row, 'endpoint'), params) : text(row, 'request_key'),
    ...(isOpen ? { state: 'skipped', reason: 'forgotten', error: null, not_before: null } : {}),
  }
}

/** Where names may stand besides the kept answers and what is read from them. */
const loggedTables: readonly LoggedTable[] = [
  {
    table: 'responses',
    key: 'response_id',
    columns: ['params', 'origin', 'headers', 'outcome', 'upstream_request_id'],
    masked: (row, denylist) => ({
      params: JSON.stringify(maskParams(row, denylist)),
      ...maskTexts('headers', 'outcome', 'upstream_request_id')(row, denylist),
      origin: denylist.maskPlace(text(row, 'origin')),
    }),
  },
  {
    table: 'requests',
    key: 'request_id',
    columns: ['endpoint', 'params', 'request_key', 'listing_key', 'error', 'state'],
    masked: maskRequest,
  },
  {
    table: 'passes',
    key: 'pass',
    columns: ['seeds'],
    masked: (row, denylist) => ({
      seeds: JSON.stringify(maskSeeds(row, denylist).filter((seed) => !namesForgotten(seed))),
    }),
  },
  {
    table: 'runs',
    key: 'run_id',
    columns: ['seeds', 'config'],
    masked: (row, denylist) => ({
      seeds: row['seeds'] === null ? null : JSON.stringify(maskFiles(row, denylist)),
      ...maskTexts('config')(row, denylist),
    }),
  },
  { table: 'media', key: 'asset_key', columns: ['error'], masked: maskTexts('error') },
]

/**
 * Replaces forgotten names wherever the logs hold them, each by its own name without meaning.
 * @returns how many requests are skipped for it; NULL if it was aborted: what is masked stays so
 */
export async function maskLogs(
  archive: Archive,
  { tell, isAborted }: Watch,
): Promise<{ skipped: number } | null> {
  const { database } = archive
  const count = (sql: string) => database.prepare(sql).pluck().get() as number
  const total = loggedTables.reduce(
    (sum, { table }) => sum + count(`SELECT count(*) FROM ${table}`),
    0,
  )
  let done = 0
  for (const logged of loggedTables)
    for (const rows of maskTable(archive, logged)) {
      tell((done += rows), total)
      await setImmediate()
      if (isAborted()) return null
    }
  return { skipped: count(`SELECT count(*) FROM requests WHERE reason = 'forgotten'`) }
}

/** Masks a table, some rows at a time; yields how many those are. */
function* maskTable({ database, denylist }: Archive, logged: LoggedTable): Generator<number> {
  const { table, key, columns } = logged
  const select = database.prepare(
    `SELECT ${[key, ...columns].join(', ')} FROM ${table}
     WHERE :after IS NULL OR ${key} > :after ORDER BY ${key} LIMIT ${rowsAtATime}`,
  )
  for (let after: Row[string] = null; ;) {
    const rows = select.all({ after }) as Row[]
    database.transaction(() => {
      for (const row of rows) maskRow(database, logged, row, logged.masked(row, denylist))
    })()
    yield rows.length
    if (rows.length < rowsAtATime) return
    after = rows.at(-1)![key]!
  }
}

function maskRow(
  database: Database.Database,
  { table, key }: LoggedTable,
  row: Row,
  to: Row,
): void {
  const changed = Object.keys(to).filter((name) => to[name] !== (row[name] ?? null))
  // What a request keeps to itself is changed along with its parameters only.
  if (!changed.some((name) => name in row)) return
  const sql = `UPDATE ${table} SET ${equals(changed, ', ')} WHERE ${key} = ?`
  database.prepare(sql).run(...changed.map((name) => to[name]!), row[key]!)
}
