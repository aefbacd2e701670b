import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { archivePathIn } from '../../../src/archive/archive-file.js'
import { exportDataset, formatNames, verifyDataset } from '../../../src/export/index.js'
import { importFiles } from '../../../src/import/index.js'
import type { Table } from '../../../src/model/table.js'
import { tables } from '../../../src/model/tables.js'
import { crawlWorld, openWorld } from '../../crawl/worlds.js'
import { temporaryFolder } from '../archives.js'
import { filesWith, readWhole } from './search.js'
import { publishable } from './world.js'

/** Drafts of an account, as the app got them, in a file to be imported. */
function draftsIn(folder: string): string {
  const page = join(import.meta.dirname, '../../pages/drafts.json')
  const { body } = JSON.parse(readFileSync(page, 'utf8')) as { body: unknown }
  writeFileSync(join(folder, 'drafts.json'), JSON.stringify(body))
  return join(folder, 'drafts.json')
}

/** A column of an archive, each value once. */
function column(archivePath: string, sql: string): string[] {
  const database = new Database(archivePath, { readonly: true })
  const values = database.prepare(sql).pluck().all() as string[]
  database.close()
  return values
}

describe('a crawled archive', () => {
  it('is published without anybody in it, and holds when it is verified', async () => {
    const folder = temporaryFolder()
    const archiveDir = join(folder, 'archive')
    await crawlWorld(await openWorld({ posts: 60 }), archiveDir)
    await importFiles({ archiveDir, files: [draftsIn(folder)] })
    const archivePath = archivePathIn(archiveDir)
    const outDir = join(folder, 'out')
    const options = { formats: publishable, withLog: true, profile: 'research' as const }

    await exportDataset({ archivePath, outDir, ...options })

    const files = await readWhole(outDir)
    const ids = column(archivePath, 'SELECT user_id FROM users')
    const handles = column(archivePath, 'SELECT username FROM users WHERE username IS NOT NULL')
    const prompts = column(archivePath, `SELECT prompt FROM generations WHERE length(prompt) > 5`)
    const bios = column(archivePath, 'SELECT description FROM users WHERE length(description) > 20')
    expect([ids, handles, prompts, bios].map((each) => each.length > 0)).toEqual(
      Array(4).fill(true),
    )
    expect(filesWith(files, ids)).toEqual([])
    expect(
      filesWith(
        files,
        handles.map((each) => `@${each}`),
      ),
    ).toEqual([])
    expect(filesWith(files, [...prompts, ...bios, '&sig=', '?se='])).toEqual([])
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
    const published = column(join(outDir, 'dataset.sqlite'), 'SELECT post_id FROM posts')
    expect(published.length).toBeGreaterThan(50)
  })

  it('is exported even for oneself without signatures, the key, cached answers and what depends on who asked', async () => {
    const folder = temporaryFolder()
    const archiveDir = join(folder, 'archive')
    const simulator = await openWorld({ posts: 60 })
    await crawlWorld(simulator, archiveDir)
    const archivePath = archivePathIn(archiveDir)
    const outDir = join(folder, 'out')

    await exportDataset({ archivePath, outDir, formats: [...formatNames], withLog: true })

    const signed = column(archivePath, `SELECT url FROM assets WHERE url LIKE '%sig=%'`)
    const signatures = signed.slice(0, 200).map((each) => /sig=([^&]{20})/.exec(each)![1]!)
    expect(signatures.length).toBeGreaterThan(20)
    const files = await readWhole(outDir)
    expect(filesWith(files, [...signatures, simulator.key, 'cache.tikhub'])).toEqual([])
    // The dictionary names the key as one that no table takes.
    files.delete(join(outDir, 'data-dictionary.md'))
    expect(filesWith(files, ['cache_url'])).toEqual([])
    const viewers = (tables as readonly Table[]).flatMap(({ name, columns }) =>
      columns.filter((each) => each.viewer || each.internal).map((each) => `${name}/${each.name}`),
    )
    expect(viewers).toContain('attachments/task_id')
    const croissant = readFileSync(join(outDir, 'croissant.json'), 'utf8')
    expect(viewers.filter((each) => croissant.includes(`"${each}"`))).toEqual([])
    const found = column(
      join(outDir, 'dataset.sqlite'),
      `SELECT table_list.name || '/' || info.name
       FROM pragma_table_list AS table_list, pragma_table_info(table_list.name) AS info`,
    )
    expect(viewers.filter((each) => found.includes(each))).toEqual([])
  })
})
