import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { parquetSchema } from 'hyparquet'
import type { Truth } from './compare-rows.js'
import { readDigest } from './file-digest.js'
import { completeTables, rowAdder } from './flat-tables.js'
import type { ListColumn, Outgoing, PackagedTable } from './format.js'
import { toGraphml } from './graph/graphml.js'
import { edgeTable, graphsOf, needsOf, placeOf, type Graph } from './graph/graphs.js'
import { readEdges } from './graph/read-graph.js'
import { pathsOf, resourceOf } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { toPages } from './pages.js'
import { ParquetRows } from './read-parquet.js'
import { readThreads, type Thread } from './threads/read-threads.js'
import { threadNeeds, threadTables, toThreadTable } from './threads/thread-table.js'

/** What graphs and threads are made again from. */
export interface Sources {
  /** The tables whose rows were read from the package, and are in the database. */
  held: readonly PackagedTable[]
  database: Database.Database
  /** Tells the rows of the other tables, if anything does. */
  archive: Truth | null
}

/**
 * Checks that graphs and threads say what the tables say: they are made again from the package's own
 * tables, or from the archive where it has none of them, and every value is compared.
 */
export async function checkDerived(check: PackageCheck, sources: Sources): Promise<void> {
  const { formats } = check.manifest.afterfeed.options
  const outgoing = check.tables.map((each): Outgoing => ({ ...each, rows: 0, slices: null }))
  if (formats.includes('edges') || formats.includes('graphml'))
    for (const each of graphsOf(outgoing)) await checkGraph(check, sources, each)
  if (formats.includes('threads')) await checkThreads(check, sources, outgoing)
}

async function checkGraph(
  check: PackageCheck,
  sources: Sources,
  { graph, tables }: { graph: Graph; tables: readonly Outgoing[] },
): Promise<void> {
  const { formats } = check.manifest.afterfeed.options
  const { database } = sources
  if (!hasRows(sources, tables)) return
  await completeTables(database, needsOf(graph), () => check.pause())
  if (formats.includes('edges')) {
    const { table, columns } = edgeTable(graph, tables)
    const rows = readEdges(database, graph, { columns })
    await compareRows(check, { ...table, columns, rows })
  }
  if (formats.includes('graphml'))
    await compareText(check, placeOf(graph), toGraphml(database, graph, tables))
}

async function checkThreads(
  check: PackageCheck,
  sources: Sources,
  outgoing: readonly Outgoing[],
): Promise<void> {
  if (!outgoing.some((each) => each.table.name === 'posts'))
    return check.find('schema', 'threads are there without posts, of which they are made')
  const tables = threadTables(outgoing)
  if (!hasRows(sources, tables)) return
  await completeTables(sources.database, threadNeeds(tables), () => check.pause())
  const { table, columns, lists } = toThreadTable(tables)
  const rows = toRows(readThreads(sources.database, columns, lists), lists)
  await compareRows(check, { ...table, columns: [...columns, ...lists], rows })
}

/** Whether the rows of these tables are in the database; those of the archive are put there. */
function hasRows({ held, archive, database }: Sources, tables: readonly Outgoing[]): boolean {
  const absent = tables.filter((each) => !held.some(({ table }) => table === each.table))
  if (absent.length > 0 && archive === null) return false
  for (const each of absent) addFromArchive(database, archive!, each)
  return true
}

function addFromArchive(database: Database.Database, archive: Truth, each: Outgoing): void {
  database.exec(`DROP TABLE IF EXISTS "${each.table.name}"`)
  const add = rowAdder(database, each)
  for (const row of archive.readRows(each)) add([row])
}

/** Threads with their lists as cells, in the form in which Parquet is read. */
function* toRows(
  threads: Iterable<Thread>,
  lists: readonly ListColumn[],
): Generator<readonly unknown[]> {
  const toItem = (row: readonly unknown[], { columns }: ListColumn) =>
    Object.fromEntries(columns.map(({ name }, place) => [name, row[place]]))
  for (const { post, lists: cells } of threads)
    yield [...post, ...cells.map((rows, place) => rows.map((row) => toItem(row, lists[place]!)))]
}

interface Expected {
  name: string
  columns: readonly { name: string }[]
  rows: Iterable<readonly unknown[]>
}

/** Compares the Parquet files of a table, where the package tells of any, with the rows that they should hold. */
async function compareRows(check: PackageCheck, { name, columns, rows }: Expected): Promise<void> {
  const resource = resourceOf(check.manifest, 'parquet', name)
  if (!resource) return
  const expected = toPages(rows, () => check.pause(), 1)
  const names = columns.map((each) => each.name)
  let held = 0
  try {
    for await (const row of readFiles(check.folder, pathsOf(resource), names)) {
      const next = await expected.next()
      if (next.done || !isSame(next.value[0], row))
        return check.find('values', `${name} is not what the tables say, from row ${held} on`)
      held += 1
    }
    if (!(await expected.next()).done || held !== resource.rows)
      check.find('counts', `${name} holds ${held} rows, not as many as the tables say`)
  } catch (error) {
    check.findUnreadable(name, error)
  } finally {
    await expected.return(undefined)
  }
}

/** The rows of Parquet files; throws where one has other columns. */
async function* readFiles(
  folder: string,
  paths: readonly string[],
  names: readonly string[],
): AsyncGenerator<unknown[]> {
  for (const path of paths) {
    const file = await ParquetRows.open(join(folder, path))
    try {
      const found = parquetSchema(file.metadata).children.map((each) => each.element.name)
      if (found.join() !== names.join()) throw new Error(`${path} has other columns`)
      for await (const page of file.readPages()) yield* page
    } finally {
      await file.close()
    }
  }
}

/** Whether two rows, or what is in them, hold the same; readers differ in true, false and unknown. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((each, place) => isSame(each, other[place]))
    )
  if (isItem(one))
    return isItem(other) && isSame(Object.entries(one).flat(), Object.entries(other).flat())
  return toPlain(one) === toPlain(other)
}

const isItem = (value: unknown): value is object => typeof value === 'object' && value !== null

const toPlain = (value: unknown): unknown =>
  typeof value === 'boolean' ? (value ? 1n : 0n) : (value ?? null)

/** Compares a file with the text that it should hold. */
async function compareText(
  check: PackageCheck,
  place: string,
  text: Iterable<string>,
): Promise<void> {
  const path = `${place}.graphml`
  const hash = createHash('sha256')
  let edges = 0
  for await (const lines of toPages(text, () => check.pause())) {
    hash.update(lines.join(''))
    edges += lines.filter(isEdge).length
  }
  const resource = check.manifest.resources.find((each) => each.path === path)
  if (resource && resource.rows !== edges)
    check.find('counts', `${path} holds ${edges} edges, not ${resource.rows}`)
  const found = await readDigest(join(check.folder, path)).catch(() => null)
  if (found === null) return
  if (found.sha256 !== hash.digest('hex'))
    check.find('values', `${path} is not what the tables say`)
}

const isEdge = (line: string): boolean => line.startsWith('    <edge ')
