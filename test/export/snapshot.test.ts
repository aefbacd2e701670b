import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { Snapshot } from '../../src/archive/snapshot.js'
import { exportDataset } from '../../src/export/index.js'
import { exportedColumns, tableOf } from '../../src/model/tables.js'
import { insertRows, makeArchive, temporaryFolder } from './archives.js'
import { inDataset, parquetPath, readWithDuckDb } from './read-back.js'

describe('Snapshot', () => {
  it('shows one instant, while another connection goes on writing', () => {
    const archivePath = makeArchive(temporaryFolder(), { posts: [{ post_id: 's_1' }] })
    const posts = tableOf('posts')
    const snapshot = new Snapshot(archivePath)
    const writer = new Database(archivePath)

    insertRows(writer, posts, [{ post_id: 's_2' }])
    writer.close()

    expect(snapshot.countRows(posts)).toBe(1)
    const keys = [...snapshot.readRows(posts, exportedColumns(posts))].map(([key]) => key)
    expect(keys).toEqual(['s_1'])
    snapshot.close()
  })
})

describe('exportDataset', () => {
  it('takes all tables and formats from one snapshot, while another connection writes', async () => {
    const folder = temporaryFolder()
    const outDir = join(folder, 'out')
    const users = Array.from({ length: 1000 }, (_, place) => ({ user_id: `user-${place}` }))
    const archivePath = makeArchive(folder, { users, posts: [{ post_id: 's_1', text: 'old' }] })
    const writer = new Database(archivePath)
    let written = 0

    await exportDataset({
      archivePath,
      outDir,
      onProgress: () => {
        written += 1
        insertRows(writer, tableOf('posts'), [{ post_id: `s_new_${written}` }])
        writer.exec(`UPDATE posts SET text = 'new' WHERE post_id = 's_1'`)
        writer.pragma('wal_checkpoint(PASSIVE)')
      },
    })
    writer.close()

    expect(written).toBeGreaterThan(4)
    const posts = await readWithDuckDb(parquetPath(outDir, 'posts'))
    expect(posts.map((row) => [row[0], row[2]])).toEqual([['s_1', 'old']])
    const inSqlite = inDataset(outDir, (each) =>
      each.prepare('SELECT post_id, text FROM posts').all(),
    )
    expect(inSqlite).toEqual([{ post_id: 's_1', text: 'old' }])
  })
})
