import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { archivePathIn } from '../../../src/archive/archive.js'
import { exportDataset, formatNames, verifyDataset } from '../../../src/export/index.js'
import { importFiles } from '../../../src/import/index.js'
import { crawlWorld, openWorld } from '../../crawl/worlds.js'
import { temporaryFolder } from '../archives.js'
import { filesWith, readWhole } from './search.js'

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
    const options = { formats: [...formatNames], withLog: true, profile: 'research' as const }

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
})
