import { createReadStream } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { hasForgotten, hasForgottenId, type Forgotten } from '../../model/forgotten-names.js'
import type { Table } from '../../model/table.js'
import { tables } from '../../model/tables.js'
import type { Archive } from '../archive.js'
import { columnList, quoted } from '../sql.js'
import { filesIn } from './files.js'

/** No id is longer. */
const longestName = 128
const rowsAtATime = 2000

/**
 * Looks for forgotten names in every byte of an archive: its files as they lie there, each kept answer
 * unpacked, and every text of every table.
 * @returns where names were found, the first few; nothing if they are gone
 */
export async function searchArchive(archive: Archive, signal?: AbortSignal): Promise<string[]> {
  const found: string[] = []
  for await (const place of places(archive)) {
    found.push(place)
    if (found.length >= 5 || signal?.aborted) break
  }
  return found
}

async function* places(archive: Archive): AsyncGenerator<string> {
  yield* searchFiles(archive)
  yield* searchBodies(archive)
  for (const table of tables) if (table.name !== 'bodies') yield* searchTable(archive, table)
}

/** Of media only the names are looked at: their content is what was filmed. */
async function* searchFiles({ dir, denylist }: Archive): AsyncGenerator<string> {
  for await (const path of filesIn(dir)) {
    const name = relative(dir, path)
    if (hasForgotten(name, denylist)) yield `the name of a file in ${join(dir, 'media')}`
    if (name.startsWith(`media${sep}`)) continue
    let rest = ''
    let place = 0
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      const text = rest + (chunk as Buffer).toString('latin1')
      if (hasForgottenId(text, denylist)) yield `${path}, near byte ${place}`
      rest = text.slice(-longestName)
      place += (chunk as Buffer).length
    }
  }
}

async function* searchBodies({ database, bodies, denylist }: Archive): AsyncGenerator<string> {
  const select = database
    .prepare('SELECT sha256 FROM bodies WHERE sha256 > ? ORDER BY sha256 LIMIT 100')
    .pluck()
  for (let last = ''; ;) {
    const digests = select.all(last) as string[]
    if (digests.length === 0) return
    for (const digest of digests)
      if (hasForgotten(bodies.read(digest) ?? '', denylist)) yield `the body ${digest}`
    last = digests.at(-1)!
    await setImmediate()
  }
}

/** A handle by itself is one where a handle is told; elsewhere it may be any word. */
async function* searchTable({ database, denylist }: Archive, table: Table): AsyncGenerator<string> {
  const texts = table.columns.filter(({ type }) => type === 'text' || type === 'json')
  const names = texts.map(({ name }) => name)
  if (names.length === 0) return
  const select = database
    .prepare(
      `SELECT rowid, ${columnList(names)} FROM ${quoted(table.name)} WHERE rowid > ?
       ORDER BY rowid LIMIT ${rowsAtATime}`,
    )
    .raw()
  for (let last = 0; ;) {
    const rows = select.all(last) as [number, ...unknown[]][]
    for (const [, ...cells] of rows)
      for (const [index, cell] of cells.entries())
        if (isTheirs(denylist, names[index]!, cell))
          yield `the column ${names[index]} of the table ${table.name}`
    if (rows.length < rowsAtATime) return
    last = rows.at(-1)![0]
    await setImmediate()
  }
}

const isTheirs = (denylist: Forgotten, column: string, cell: unknown): boolean =>
  typeof cell === 'string' &&
  (hasForgotten(cell, denylist) || (column === 'username' && denylist.isHandle(cell)))
