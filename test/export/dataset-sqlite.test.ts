import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '../../src/export/index.js'
import { exportedColumns, exportedTables, tables } from '../../src/model/tables.js'
import type { Table } from '../../src/model/table.js'
import { exportRows } from './archives.js'
import { inDataset } from './read-back.js'

const users = [{ user_id: 'user-1', created_at: 1_760_544_196_886_897n, verified: 1 }]
const cameos = [{ owner_kind: 'post', owner_id: 's_1', user_id: 'user-1' }]

async function exportSqlite(names?: string[]): Promise<string> {
  const chosen = names === undefined ? { withLog: true } : { tables: names }
  return (await exportRows({ users, cameos }, { formats: ['sqlite'], ...chosen })).outDir
}

describe('dataset.sqlite', () => {
  it('shows times as ISO-8601 in UTC with microseconds', async () => {
    const outDir = await exportSqlite()

    const user = inDataset(outDir, (each) =>
      each.prepare('SELECT created_at, verified, banned_at FROM users').get(),
    )
    expect(user).toEqual({
      created_at: '2025-10-15T16:03:16.886897Z',
      verified: 1,
      banned_at: null,
    })
  })

  it('has the columns, keys and indexes of the list of tables, and no others', async () => {
    const outDir = await exportSqlite()

    const shapes = inDataset(outDir, (each) =>
      exportedTables(true).map(({ name }) => ({
        name,
        columns: each
          .prepare(
            `SELECT name, type, "notnull" AS required, pk FROM pragma_table_info(?) ORDER BY cid`,
          )
          .raw()
          .all(name),
        indexes: each
          .prepare(
            `SELECT list."unique", group_concat(info.name) FROM pragma_index_list(?) AS list
             JOIN pragma_index_info(list.name) AS info
             WHERE list.origin = 'c' GROUP BY list.name ORDER BY list.name`,
          )
          .raw()
          .all(name),
      })),
    )
    expect(shapes).toEqual(exportedTables(true).map(expectedShape))
    const names = inDataset(outDir, (each) =>
      each.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all(),
    )
    expect(names).toEqual(exportedTables(true).map((each) => each.name))
  })

  it('has the foreign keys whose table it holds, and they hold', async () => {
    const whole = await exportSqlite()
    const part = await exportSqlite(['cameos'])
    const targets = (outDir: string) =>
      inDataset(outDir, (each) =>
        each
          .prepare(`SELECT "from", "table", "to" FROM pragma_foreign_key_list('cameos')`)
          .raw()
          .all(),
      )

    expect(targets(whole)).toEqual([['user_id', 'users', 'user_id']])
    expect(inDataset(whole, (each) => each.pragma('foreign_key_check'))).toEqual([])
    expect(targets(part)).toEqual([])
  })

  it('is whole, and no archive', async () => {
    const outDir = await exportSqlite()

    expect(inDataset(outDir, (each) => each.pragma('integrity_check', { simple: true }))).toBe('ok')
    renameSync(join(outDir, 'dataset.sqlite'), join(outDir, 'archive.sqlite'))
    await expect(
      exportDataset({ archivePath: join(outDir, 'archive.sqlite'), outDir: join(outDir, 'x') }),
    ).rejects.toThrow(/another program/)
  })
})

const sqlTypes = {
  text: 'TEXT',
  json: 'TEXT',
  time: 'TEXT',
  int: 'INTEGER',
  bool: 'INTEGER',
  real: 'REAL',
  blob: 'BLOB',
}

function expectedShape(table: Table) {
  const indexes = [
    ...(table.indexes ?? []).map((each) => ({ each, isUnique: 0 })),
    ...(table.unique ?? []).map((each) => ({ each, isUnique: 1 })),
  ]
  const nameOf = (index: readonly string[]) => `${table.name}_by_${index.join('_')}`
  return {
    name: table.name,
    columns: exportedColumns(table).map((each) => [
      each.name,
      sqlTypes[each.type],
      each.required ? 1 : 0,
      table.key.indexOf(each.name) + 1,
    ]),
    indexes: indexes
      .sort((a, b) => (nameOf(a.each) < nameOf(b.each) ? -1 : 1))
      .map(({ each, isUnique }) => [isUnique, each.join()]),
  }
}

describe('the list of tables', () => {
  it('lets every reference lead to the whole key of an exported table', () => {
    const references = tables.flatMap((table: Table) =>
      table.columns.flatMap((each) => (each.references ? [each.references] : [])),
    )

    const keys = exportedTables(false)
      .filter((each) => each.key.length === 1)
      .map((each) => `${each.name}.${each.key[0]}`)
    expect(references.filter((each) => !keys.includes(each))).toEqual([])
  })

  it('lets every exported column of a key be required, so that rows have one order', () => {
    const open = exportedTables(true).flatMap((table) =>
      table.key.filter(
        (key) => !exportedColumns(table).find((each) => each.name === key)?.required,
      ),
    )

    expect(open).toEqual([])
  })
})
