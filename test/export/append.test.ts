import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, verifyDataset } from '../../src/export/index.js'
import { InputError } from '../../src/model/errors.js'
import { tableOf } from '../../src/model/tables.js'
import { exportRows, heldRows, insertRows } from './archives.js'
import { readWithDuckDb } from './read-back.js'

const at = (iso: string) => BigInt(Date.parse(iso)) * 1000n
const october = { post_id: 's_1', posted_at: at('2025-10-15T00:00:00Z'), text: 'one' }
const november = { post_id: 's_2', posted_at: at('2025-11-15T00:00:00Z'), text: 'two' }
const entry = (place: number) => ({ response_id: `r_${place}`, position: 0, post_id: 's_1' })

function firstExport(options: object = {}) {
  const users = [{ user_id: 'user-1' }]
  const feed_entries = [entry(1), entry(3)]
  return exportRows({ posts: [october, november], users, feed_entries }, options)
}

function change(archivePath: string, work: (database: Database.Database) => void): void {
  const database = new Database(archivePath)
  work(database)
  database.close()
}

/** Every file with what shows whether it was touched. */
const filesOf = (outDir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(outDir, { recursive: true, encoding: 'utf8' })
      .map((path) => [path, statSync(join(outDir, path))] as const)
      .filter(([, stat]) => stat.isFile())
      .map(([path, { ino, mtimeMs }]) => [path, `${ino} ${mtimeMs}`]),
  )

describe('export --append', () => {
  it('touches no data and keeps the version when the archive is the same', async () => {
    const { archivePath, outDir } = await firstExport({ license: 'CC0-1.0', title: 'Mine' })
    const before = filesOf(outDir)

    await exportDataset({ archivePath, outDir, append: true })

    expect(filesOf(outDir)).toEqual(before)
  })

  it('goes on under whatever licence was chosen', async () => {
    for (const license of ['CC0-1.0', 'CC-BY-NC-SA-4.0', 'PDDL-1.0', 'ODC-By-1.0', 'ODbL-1.0']) {
      const { archivePath, outDir } = await firstExport({ license, formats: ['csv'] })
      const before = filesOf(outDir)

      await exportDataset({ archivePath, outDir, append: true })

      expect(filesOf(outDir)).toEqual(before)
    }
  })

  it('gives new rows of tables that only grow a part of their own', async () => {
    const { archivePath, outDir } = await firstExport()
    const part = join(outDir, 'data', 'feed_entries')
    const first = statSync(join(outDir, 'data', 'feed_entries.parquet')).ino
    for (const place of [2, 4]) {
      change(archivePath, (each) => insertRows(each, tableOf('feed_entries'), [entry(place)]))
      await exportDataset({ archivePath, outDir, append: true })
    }

    expect(readdirSync(part).sort()).toEqual(
      [0, 1, 2].map((number) => `part-0000${number}.parquet`),
    )
    expect(statSync(join(part, 'part-00000.parquet')).ino).toBe(first)
    const held = heldRows(archivePath, tableOf('feed_entries'))
    expect(await readWithDuckDb(join(part, '*.parquet'))).toEqual(
      [0, 2, 1, 3].map((place) => held[place]),
    )
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
    expect(readFileSync(join(outDir, 'README.md'), 'utf8')).toContain('added 2 times')
  })

  it('writes anew a table that only grows when a row of it is gone', async () => {
    const { archivePath, outDir } = await firstExport()
    change(archivePath, (each) => each.exec(`DELETE FROM feed_entries WHERE response_id = 'r_1'`))

    await exportDataset({ archivePath, outDir, append: true })

    expect(await readWithDuckDb(join(outDir, 'data', 'feed_entries.parquet'))).toEqual(
      heldRows(archivePath, tableOf('feed_entries')),
    )
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  })

  it('writes only the months anew that are others now', async () => {
    const { archivePath, outDir } = await firstExport({ byMonth: true })
    const before = filesOf(outDir)
    change(archivePath, (each) => each.exec(`UPDATE posts SET text = 'new' WHERE post_id = 's_2'`))

    await exportDataset({ archivePath, outDir, append: true })

    const after = filesOf(outDir)
    const touched = Object.keys(after).filter((each) => after[each] !== before[each])
    expect(touched.filter((each) => each.startsWith('data/'))).toEqual([
      'data/posts/month=2025-11/part-00000.parquet',
    ])
    expect(touched).toContain('datapackage.json')
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  })

  it('gives the same bytes as a whole export where nothing only grew', async () => {
    const { archivePath, outDir } = await firstExport()
    change(archivePath, (each) => each.exec(`UPDATE posts SET text = 'new'`))

    const appended = await exportDataset({ archivePath, outDir, append: true })
    const whole = await exportDataset({ archivePath, outDir: `${outDir}-whole` })

    expect(appended.version).toBe(whole.version)
  })

  it('refuses a folder without a package, and options that are not those of the package', async () => {
    const { archivePath, outDir } = await firstExport()
    const append = (options: object) =>
      exportDataset({ archivePath, outDir, append: true, ...options })

    await expect(append({ outDir: `${outDir}-none` })).rejects.toThrow(InputError)
    for (const [option, former] of [
      [{ byMonth: true }, 'by_month false'],
      [{ tables: ['posts'] }, 'tables'],
      [{ formats: ['csv'] }, 'formats'],
      [{ since: 1 }, 'since null'],
      [{ until: 1 }, 'until null'],
      [{ tombstones: 'drop' }, 'tombstones "keep"'],
      [{ withLog: true }, 'with_log false'],
      [{ withSignedUrls: true }, 'with_signed_urls false'],
      [{ parquet: 'compat' }, 'parquet "zstd"'],
      [{ rowsPerPart: 7 }, 'rows_per_part'],
      [{ csvSafe: true }, 'csv_safe false'],
    ] as const)
      await expect(append(option), former).rejects.toThrow(`was made with ${former}`)
  })
})
