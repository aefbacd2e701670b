import type Database from 'better-sqlite3'
import { columnList, quoted } from '../archive/sql.js'
import type { Column } from '../model/table.js'
import type { PackagedTable } from './format.js'
import type { PackageCheck } from './package-check.js'

/** Checks in SQL that keys occur once, that nothing required is NULL, and that references lead on. */
export function checkKeys(
  check: PackageCheck,
  database: Database.Database,
  held: readonly PackagedTable[],
): void {
  const count = (sql: string) => database.prepare(sql).pluck().get() as number
  for (const { table, columns } of held) {
    const name = quoted(table.name)
    const twice = count(
      `SELECT count(*) FROM (SELECT 1 FROM ${name} GROUP BY ${columnList(table.key)} HAVING count(*) > 1)`,
    )
    if (twice > 0) check.find('keys', `${twice} keys of ${table.name} occur more than once`)
    for (const each of columns.filter(({ required }) => required))
      if (count(`SELECT count(*) FROM ${name} WHERE ${quoted(each.name)} IS NULL`) > 0)
        check.find('keys', `${table.name}.${each.name} is NULL somewhere`)
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

/** The table and column that a column refers to, if that table is there. */
function referenceOf({ references }: Column, held: readonly PackagedTable[]): string[] {
  const [target, field] = references?.split('.') ?? []
  return target && field && held.some((each) => each.table.name === target) ? [target, field] : []
}
