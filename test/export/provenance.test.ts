import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { importFiles } from '../../src/import/index.js'
import { exportedTables } from '../../src/model/tables.js'
import { toSeedRequest } from '../../src/crawl/seeds.js'
import { openHostileApi } from '../hostile/server.js'
import { crawl } from '../../src/crawl/crawl.js'
import { valuesOf } from '../crawl/worlds.js'
import { temporaryFolder } from './archives.js'
import { importPages } from './imported.js'
import { mixedArchive } from './warcs.js'

/** Columns that name an answer, by table. */
const sources = exportedTables(true).flatMap(({ name, columns }) =>
  columns
    .filter((column) => /(^|_)response_id$/.test(column.name) && name !== 'responses')
    .map((column) => [name, column.name] as const),
)

/** What names an answer that is not in the package, and how many names there are. */
async function exportedSources(archivePath: string, options: Partial<ExportOptions> = {}) {
  const outDir = join(temporaryFolder(), 'out')
  await exportDataset({ archivePath, outDir, formats: ['sqlite'], withLog: true, ...options })
  const database = new Database(join(outDir, 'dataset.sqlite'), { readonly: true })
  const all = (sql: string) => database.prepare(sql).pluck().all() as string[]
  const held = new Set(all('SELECT response_id FROM responses'))
  const there = new Set(all(`SELECT name FROM sqlite_schema WHERE type = 'table'`))
  const named = sources
    .filter(([table]) => there.has(table))
    .flatMap(([table, column]) =>
      all(`SELECT "${column}" FROM "${table}" WHERE "${column}" IS NOT NULL`).map(
        (id) => [`${table}.${column}`, id] as const,
      ),
    )
  const requests = all('SELECT DISTINCT request_id FROM responses WHERE request_id IS NOT NULL')
  const known = new Set(all('SELECT request_id FROM requests'))
  const runs = all(
    'SELECT DISTINCT run_id FROM responses WHERE run_id NOT IN (SELECT run_id FROM runs)',
  )
  database.close()
  const lost = named.filter(([, id]) => !held.has(id)).map(([column]) => column)
  return {
    lost: [...new Set(lost)],
    named: named.length,
    lostRequests: requests.filter((each) => !known.has(each)),
    lostRuns: runs,
    responses: held.size,
  }
}

const nothingLost = { lost: [], lostRequests: [], lostRuns: [] }

const seedOf = (seed: string) => ({ seed, ...toSeedRequest(seed)! })

describe('export --with-log', () => {
  it('leads from every row to the answers that told it, and from them to requests and runs', async () => {
    const { archivePath } = await mixedArchive()

    const found = await exportedSources(archivePath)

    expect(found).toMatchObject(nothingLost)
    expect(found.named).toBeGreaterThan(500)
  })

  it('does so after every hostility, absences and anomalies included', async () => {
    const api = await openHostileApi({ seed: 7 })
    const archiveDir = temporaryFolder()
    const shared = { ratePerSecond: Infinity, concurrency: 8, durability: 'normal' } as const
    const seeds = ['feed', `user:${api.someUser.id}`]
    await crawl({ ...shared, archiveDir, seeds, baseUrl: api.url, apiKey: api.key })
    await api.close()

    const found = await exportedSources(join(archiveDir, 'archive.sqlite'))

    expect(found).toMatchObject(nothingLost)
  })

  it('does so for imports, and for an archive into which another was merged', async () => {
    const { archivePath, archiveDir } = await importPages()
    const other = await mixedArchive()

    const alone = await exportedSources(archivePath)
    await importFiles({ archiveDir, files: [other.archiveDir], durability: 'normal' })
    const merged = await exportedSources(archivePath)

    expect([alone, merged]).toMatchObject([nothingLost, nothingLost])
    expect(merged.named).toBeGreaterThan(alone.named)
  })

  it('does so for a part of an archive, however it is cut', async () => {
    const { archivePath, archiveDir } = await mixedArchive()
    await importFiles({ archiveDir, files: [join((await importPages()).folder, 'pages')] })
    const posted = valuesOf(archiveDir, 'SELECT posted_at FROM posts ORDER BY posted_at')
    const middle = Number(posted[Math.floor(posted.length / 2)])
    const [post] = valuesOf(archiveDir, `SELECT post_id FROM posts WHERE reply_count > 0 LIMIT 1`)
    const [user] = valuesOf(archiveDir, `SELECT followee_id FROM follows LIMIT 1`)
    const whole = await exportedSources(archivePath)

    const cuts: Partial<ExportOptions>[] = [
      { since: middle },
      { until: middle },
      { seeds: [seedOf('feed')] },
      { seeds: [seedOf(`post:${String(post)}`)] },
      { seeds: [seedOf(`followers:${String(user)}`)] },
      { seeds: [seedOf('leaderboard'), seedOf('search:a')] },
      { seeds: [seedOf('feed')], since: middle },
      { seeds: [seedOf('feed')], until: middle },
      { tables: ['posts', 'responses', 'requests', 'runs'], seeds: [seedOf('leaderboard')] },
    ]
    for (const cut of cuts) {
      const found = await exportedSources(archivePath, cut)
      expect([cut, found]).toMatchObject([cut, nothingLost])
      if (cut.seeds !== undefined) expect(found.responses).toBeLessThan(whole.responses)
    }
  })
})
