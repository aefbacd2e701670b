import type Database from 'better-sqlite3'
import { columnList, quoted } from '../archive/sql.js'
import type { Column } from '../model/table.js'
import type { PackagedTable } from './format.js'
import type { PackageCheck } from './package-check.js'

/** Checks in SQL that keys occur once, that nothing required is NULL, and that references lead on. */
export async function checkKeys(
  check: PackageCheck,
  database: Database.Database,
  held: readonly PackagedTable[],
): Promise<void> {
  const count = (sql: string) => database.prepare(sql).pluck().get() as number
  for (const [done, { table, columns }] of held.entries()) {
    await check.step({ check: `keys of ${table.name}`, done, total: held.length })
    const name = quoted(table.name)
    const twice = count(
      `SELECT count(*) FROM (SELECT 1 FROM ${name} GROUP BY ${columnList(table.key)} HAVING count(*) > 1)`,
    )
    if (twice > 0) check.find('keys', `${twice} keys of ${table.name} occur more than once`)
    for (const each of findNulls(database, { table, columns }))
      check.find('keys', `${table.name}.${each} is NULL somewhere`)
    for (const each of columns) {
      const [target, field] = referenceOf(each, held)
      if (target === undefined || field === undefined) continue
      const lost = count(
        `SELECT count(*) FROM ${name} WHERE ${quoted(each.name)} NOT IN (SELECT ${quoted(field)} FROM ${quoted(target)})`,
      )
      if (lost > 0)
        check.find(
          'references',
          `${lost} rows of ${table.name} whose ${each.name} is not in ${target}`,
        )
    }
  }
}

/** The required columns that are NULL somewhere: one look at each row for all of them. */
function findNulls(database: Database.Database, { table, columns }: PackagedTable): string[] {
  const required = columns.filter((each) => each.required).map(({ name }) => name)
  if (required.length === 0) return []
  const isNull = required.map((name) => `coalesce(max(${quoted(name)} IS NULL), 0)`)
  const sql = `SELECT ${isNull.join(', ')} FROM ${quoted(table.name)}`
  const found = database.prepare(sql).raw().get() as number[]
  return required.filter((_, place) => found[place] === 1)
}

/** The table and column that a column refers to, if that table is there. */
function referenceOf({ references }: Column, held: readonly PackagedTable[]): string[] {
  const [target, field] = references?.split('.') ?? []
  return target && field && held.some((each) => each.table.name === target) ? [target, field] : []
}
