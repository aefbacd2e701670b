import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { hasForgotten, hasForgottenId, type Forgotten } from '../../model/forgotten-names.js'
import type { Table } from '../../model/table.js'
import { tables } from '../../model/tables.js'
import type { Archive } from '../archive.js'
import { countRowsOf } from '../counts.js'
import { columnList, quoted } from '../sql.js'
import { filesIn } from './files.js'
import type { Watch } from './state.js'

/** No id is longer. */
const longestName = 128
const rowsAtATime = 2000

/**
 * Looks for forgotten names in every byte of an archive: its files as they lie there, each kept answer
 * unpacked, and every text of every table.
 * @returns where names were found, the first few; nothing if they are gone, or if it was aborted
 */
export async function searchArchive(archive: Archive, watch: Watch): Promise<string[]> {
  const found: string[] = []
  for await (const place of places(archive, watch)) {
    if (place !== null) found.push(place)
    if (found.length >= 5 || watch.isAborted()) break
  }
  return found
}

/** Where names are; NULL now and then between them. */
async function* places(archive: Archive, { tell }: Watch): AsyncGenerator<string | null> {
  yield* searchFiles(archive, tell)
  yield* searchBodies(archive, tell)
  for (const table of tables) if (table.name !== 'bodies') yield* searchTable(archive, table, tell)
}

/** Of media only the names are looked at: their content is what was filmed. */
async function* searchFiles(
  { dir, denylist }: Archive,
  tell: Watch['tell'],
): AsyncGenerator<string | null> {
  for await (const path of filesIn(dir)) {
    const name = relative(dir, path)
    if (hasForgotten(name, denylist)) yield `the name of a file in ${join(dir, 'media')}`
    if (name.startsWith(`media${sep}`)) continue
    const { size } = await stat(path)
    let rest = ''
    let place = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      const text = rest + (chunk as Buffer).toString('latin1')
      yield hasForgottenId(text, denylist) ? `${path}, near byte ${place}` : null
      rest = text.slice(-longestName)
      place += (chunk as Buffer).length
      tell(place, size)
    }
  }
}

async function* searchBodies(
  { database, bodies, denylist }: Archive,
  tell: Watch['tell'],
): AsyncGenerator<string | null> {
  const total = database.prepare('SELECT count(*) FROM bodies').pluck().get() as number
  const select = database
    .prepare('SELECT sha256 FROM bodies WHERE sha256 > ? ORDER BY sha256 LIMIT 100')
    .pluck()
  for (let last = '', done = 0; ;) {
    const digests = select.all(last) as string[]
    if (digests.length === 0) return
    for (const digest of digests)
      if (hasForgotten(bodies.read(digest) ?? '', denylist)) yield `the body ${digest}`
    last = digests.at(-1)!
    tell((done += digests.length), total)
    yield null
    await setImmediate()
  }
}

/** A handle by itself is one where a handle is told; elsewhere it may be any word. */
async function* searchTable(
  { database, denylist }: Archive,
  table: Table,
  tell: Watch['tell'],
): AsyncGenerator<string | null> {
  const texts = table.columns.filter(({ type }) => type === 'text' || type === 'json')
  const names = texts.map(({ name }) => name)
  if (names.length === 0) return
  const { [table.name]: total = 0 } = countRowsOf(database, [table.name])
  const select = database
    .prepare(
      `SELECT rowid, ${columnList(names)} FROM ${quoted(table.name)} WHERE rowid > ?
       ORDER BY rowid LIMIT ${rowsAtATime}`,
    )
    .raw()
  for (let last = 0, done = 0; ;) {
    const rows = select.all(last) as [number, ...unknown[]][]
    for (const [, ...cells] of rows)
      for (const [index, cell] of cells.entries())
        if (isTheirs(denylist, names[index]!, cell))
          yield `the column ${names[index]} of the table ${table.name}`
    tell((done += rows.length), total)
    yield null
    if (rows.length < rowsAtATime) return
    last = rows.at(-1)![0]
    await setImmediate()
  }
}

const isTheirs = (denylist: Forgotten, column: string, cell: unknown): boolean =>
  typeof cell === 'string' &&
  (hasForgotten(cell, denylist) || (column === 'username' && denylist.isHandle(cell)))
