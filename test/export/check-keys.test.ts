import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { checkKeys } from '../../src/export/check-keys.js'
import type { Manifest } from '../../src/export/manifest.js'
import { PackageCheck } from '../../src/export/package-check.js'
import { exportedColumns, tableOf } from '../../src/model/tables.js'

describe('checkKeys', () => {
  it('names every required column that is NULL somewhere, and keys that occur twice', async () => {
    const manifest = { afterfeed: { options: { tables: ['cameos'], profile: 'full' } } }
    const check = new PackageCheck('', manifest as unknown as Manifest, {})
    const table = tableOf('cameos')
    const columns = exportedColumns(table)
    const names = columns.map(({ name }) => name)
    const database = new Database(':memory:')
    database.exec(`CREATE TABLE cameos (${names.join(', ')})`)
    const insert = database.prepare(
      `INSERT INTO cameos VALUES (${names.map(() => '?').join(', ')})`,
    )
    const row = (change: Record<string, unknown>) => names.map((name) => change[name] ?? 'x')
    const holed = row({}).map((cell, place) =>
      ['owner_id', 'first_seen_at'].includes(names[place]!) ? null : cell,
    )
    for (const each of [row({}), row({}), row({ user_id: 'y' }), holed]) insert.run(each)

    await checkKeys(check, database, [{ table, columns }])

    expect(check.findings.map(({ problem }) => problem)).toEqual([
      '1 keys of cameos occur more than once',
      'cameos.owner_id is NULL somewhere',
      'cameos.first_seen_at is NULL somewhere',
    ])
  })

  it('finds nothing in a table without rows', async () => {
    const manifest = { afterfeed: { options: { tables: ['cameos'], profile: 'full' } } }
    const check = new PackageCheck('', manifest as unknown as Manifest, {})
    const table = tableOf('cameos')
    const columns = exportedColumns(table)
    const database = new Database(':memory:')
    database.exec(`CREATE TABLE cameos (${columns.map(({ name }) => name).join(', ')})`)

    await checkKeys(check, database, [{ table, columns }])

    expect(check.findings).toEqual([])
  })
})
