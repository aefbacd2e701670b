import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset } from '../../../src/export/index.js'
import { tables } from '../../../src/model/tables.js'
import { crawlWorld, openWorld, temporaryFolder } from '../../crawl/worlds.js'

describe('rows that are published', () => {
  it('lie in the order of their published keys, which tells nothing of those in the archive', async () => {
    const folder = temporaryFolder()
    const [dir, outDir] = [join(folder, 'archive'), join(folder, 'out')]
    const simulator = await openWorld({ posts: 8, comments: 3, users: 20, seed: 5 })
    await crawlWorld(simulator, dir, { seeds: ['feed', 'leaderboard'] })

    await exportDataset({
      ...{ archivePath: join(dir, 'archive.sqlite'), outDir, formats: ['sqlite'] },
      ...{ profile: 'research', withLog: true },
    })

    const database = new Database(join(outDir, 'dataset.sqlite'), { readonly: true })
    const held = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck()
    const names = held.all() as string[]
    const inOrder = (name: string, order: string) =>
      database.prepare(`SELECT * FROM ${name} ORDER BY ${order}`).raw().all()
    expect(inOrder('users', 'rowid').length).toBeGreaterThan(15)
    for (const { name, key } of tables.filter((each) => names.includes(each.name)))
      expect(inOrder(name, 'rowid'), name).toEqual(inOrder(name, key.join(', ')))
    expect(names).not.toContain('sqlite_sequence')
    database.close()
  }, 60_000)
})
