import Database from 'better-sqlite3'
import type { Row } from '../archive/snapshot.js'
import { columnList, insertSql, quoted } from '../archive/sql.js'
import type { Desk, Outgoing } from './format.js'

/** The columns that are needed of each table, by the tables' names; the first is looked up. */
export type Needs = Readonly<Record<string, readonly string[]>>

/**
 * The rows of tables as they leave, in a SQLite file of its own that goes with its connection: what
 * is made from several tables is made from there, in any order and within little memory.
 */
export async function loadTables(
  desk: Desk,
  tables: readonly Outgoing[],
  needs: Needs,
): Promise<Database.Database> {
  const database = new Database('')
  try {
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -16000'])
      database.pragma(pragma)
    for (const each of tables) {
      const outgoing = onlyNeeded(each, needs)
      const add = rowAdder(database, outgoing)
      for await (const page of desk.readPages(outgoing)) add(page)
    }
    await completeTables(database, needs, (table) => desk.step({ table, step: 'index' }))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** A table with only the columns that are needed of it. */
const onlyNeeded = (outgoing: Outgoing, needs: Needs): Outgoing => ({
  ...outgoing,
  columns: outgoing.columns.filter(({ name }) => needs[outgoing.table.name]?.includes(name)),
})

/** Makes an empty table, and returns what adds rows to it. */
export function rowAdder(
  database: Database.Database,
  { table, columns }: Pick<Outgoing, 'table' | 'columns'>,
): (rows: readonly Row[]) => void {
  const names = columns.map((each) => each.name)
  database.exec(`CREATE TABLE ${quoted(table.name)} (${columnList(names)})`)
  const insert = database.prepare(insertSql(table.name, names))
  return database.transaction((rows: readonly Row[]) => {
    for (const row of rows) insert.run(row)
  })
}

/**
 * Adds what is needed and not there: a table that does not leave is empty, such a column NULL; `before`
 * is told of each table, whose index may take long.
 */
export async function completeTables(
  database: Database.Database,
  needs: Needs,
  before: (table: string) => Promise<void>,
): Promise<void> {
  for (const [table, names] of Object.entries(needs)) {
    await before(table)
    const [first] = names
    database.exec(`CREATE TABLE IF NOT EXISTS ${quoted(table)} (${quoted(first!)})`)
    const there = database.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table)
    for (const name of names)
      if (!there.includes(name))
        database.exec(`ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(name)}`)
    database.exec(
      `CREATE INDEX IF NOT EXISTS ${quoted(`${table} by ${first}`)} ON ${quoted(table)} (${quoted(first!)})`,
    )
  }
}
