import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArchive, openForReading } from '../../src/archive/archive.js'
import { MediaLog } from '../../src/archive/media-store.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { verifyArchive } from '../../src/archive/verify.js'
import { saveMedia } from '../../src/index.js'
import { readOutlook } from '../../src/media/outlook.js'
import { ownerKinds, toChoices } from '../../src/media/variants.js'
import { dumpDerived } from '../archive/archives.js'
import { crawlWorld, noon, openWorld, rowsOf, valuesOf } from '../crawl/worlds.js'
import { temporaryFolder } from './worlds.js'

const hourMs = 3600_000

/** An archive of a small world, crawled; the world's clock can be set. */
async function crawledWorld(posts: number) {
  let now = noon
  const world = await openWorld({ posts, clock: () => now, mediaLifetimeHours: 48 })
  const archiveDir = temporaryFolder()
  const clock = () => now * 1000
  await crawlWorld(world, archiveDir, { clock })
  const options = {
    ...{ archiveDir, baseUrl: world.url, apiKey: world.key, clock },
    ...{ ratePerSecond: Infinity, retryBaseMs: 1, durability: 'normal' as const },
  }
  return { world, archiveDir, options, wait: (hours: number) => (now += hours * hourMs) }
}

describe('saveMedia and the archive', () => {
  it('renews all links of a post by one call at most, notes it, and a rebuild gives the same tables', async () => {
    const { world, archiveDir, options, wait } = await crawledWorld(4)
    const before = world.calls().calls
    wait(100)

    const report = await saveMedia(options)
    const archive = openForReading(archiveDir)
    const told = dumpDerived(archive)
    archive.close()
    await rebuild({ archiveDir, clock: options.clock })

    const videos = Number(valuesOf(archiveDir, `SELECT count(*) FROM attachments`)[0])
    expect(report).toMatchObject({
      outcome: 'failures',
      files: { saved: 2 * videos - 2 * unrenewable(archiveDir) },
    })
    expect(world.calls().calls - before).toBe(report.requests_sent)
    // The answer about a remix signs the files of its parent too.
    expect(report.requests_sent).toBeLessThanOrEqual(renewable(archiveDir))
    const rebuilt = openForReading(archiveDir)
    expect(dumpDerived(rebuilt)).toBe(told)
    rebuilt.close()
  })

  it('goes on where the budget ended it, and pays for no post twice', async () => {
    const { archiveDir, options, wait } = await crawledWorld(4)
    wait(100)

    const first = await saveMedia({ ...options, budgetUsd: 0.1 })
    const waiting = Number(
      valuesOf(archiveDir, `SELECT count(*) FROM media WHERE state = 'wanted'`)[0],
    )
    const second = await saveMedia(options)

    expect(first).toMatchObject({
      outcome: 'budget',
      requests_sent: 2,
      cost_usd: 0.1,
    })
    expect(waiting).toBe(first.files.wanted)
    expect(waiting).toBeGreaterThan(0)
    expect(second.files.wanted).toBe(0)
    expect(first.saved_files).toBeGreaterThanOrEqual(4)
    expect(first.requests_sent + second.requests_sent).toBeLessThanOrEqual(renewable(archiveDir))
    expect(second.files.saved).toBe(2 * renewable(archiveDir))
  })

  it('takes a video of the official export as saved, and asks for its thumbnail only', async () => {
    const { archiveDir, options } = await crawledWorld(1)
    const generations = valuesOf(archiveDir, 'SELECT DISTINCT generation_id FROM attachments')
    const archive = openArchive(archiveDir)
    const log = new MediaLog(archive)
    for (const generation of generations)
      log.save({
        ...{ asset_key: `export/${generation}`, sha256: 'a'.repeat(64), bytes: 1 },
        ...{ content_type: 'video/mp4', path: 'media/sha256/aa/aa/a.mp4', saved_at: 1 },
      })
    archive.close()

    await saveMedia(options)

    const types = rowsOf(
      archiveDir,
      `SELECT DISTINCT content_type FROM media WHERE state = 'saved' AND attempts > 0`,
    )
    expect(types).toEqual([{ content_type: 'image/webp' }])
  })

  it('shows before and after what waits, what is lost, and what it would cost', async () => {
    const { archiveDir, options, wait } = await crawledWorld(3)
    const wish = { choices: toChoices(['source_wm', 'thumbnail']), owners: new Set(ownerKinds) }
    const outlook = () => {
      const database = openForReading(archiveDir)
      try {
        return readOutlook(database, { wish, now: options.clock(), margin: 0 })
      } finally {
        database.close()
      }
    }

    const before = outlook()
    wait(100)
    const late = outlook()
    const report = await saveMedia({ ...options, renew: false })
    const after = outlook()

    expect(before).toMatchObject({ saved: 0, renewable: 0, unrenewable: 0, renewal_calls: 0 })
    expect(before.waiting).toBeGreaterThan(4)
    expect(before.deadlines.reduce((sum, { files }) => sum + files, 0)).toBe(before.waiting)
    expect(late).toMatchObject({ waiting: before.waiting, deadlines: [] })
    expect(late.renewable + late.unrenewable).toBe(late.waiting)
    expect(late.renewal_calls).toBe(renewable(archiveDir))
    expect(after).toMatchObject({ waiting: 0, lost: before.waiting })
    const example = 'its link has ended, and no fresh one is asked for'
    expect(after.reasons).toEqual([
      { state: 'lost', reason: 'expired', files: before.waiting, example },
    ])
    expect(report.outcome).toBe('failures')
  })
})

describe('verifyArchive', () => {
  it('finds saved files that are not there, or not as they came', async () => {
    const { archiveDir, options } = await crawledWorld(4)
    await saveMedia(options)
    const whole = await verifyArchive({ archiveDir })
    const saved = `SELECT DISTINCT path FROM media WHERE state = 'saved' ORDER BY sha256`
    const [gone, short, other] = valuesOf(archiveDir, saved).map(String)
    rmSync(join(archiveDir, gone!))
    truncateSync(join(archiveDir, short!), 10)
    const bytes = readFileSync(join(archiveDir, other!))
    writeFileSync(join(archiveDir, other!), bytes.fill(0, 40, 41))

    const found = await verifyArchive({ archiveDir })

    expect(whole).toEqual([])
    expect(found).toEqual([
      { check: 'media', problem: `${gone} is not there` },
      { check: 'media', problem: expect.stringMatching(`^${short} has 10 bytes, not \\d+$`) },
      { check: 'media', problem: `${other} has another content than its name says` },
    ])
  })
})

/** Owners of videos whose links a call renews: posts. */
const renewable = (archiveDir: string): number => ownersOf(archiveDir, 'post')

const unrenewable = (archiveDir: string): number => ownersOf(archiveDir, 'comment')

const ownersOf = (archiveDir: string, kind: string): number =>
  Number(
    valuesOf(
      archiveDir,
      `SELECT count(DISTINCT owner_id) FROM assets WHERE variant = 'thumbnail' AND owner_kind = ?`,
      kind,
    )[0],
  )
