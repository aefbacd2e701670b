import { describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { importFiles } from '../../src/import/index.js'
import { dumpDerived } from '../archive/archives.js'
import { crawlWorld, noon, openWorld, rowsOf, temporaryFolder, toldRows } from './worlds.js'

const missing = 's_68ef1920000081910000000000000001'

function tablesOf(archiveDir: string): string {
  const database = openForReading(archiveDir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const merge = (archiveDir: string, ...files: string[]) =>
  importFiles({ archiveDir, files, durability: 'normal', clock: () => noon * 1000 })

describe('importFiles of crawled archives', () => {
  it('brings together what two walks saw, and what they found missing', async () => {
    const simulator = await openWorld({ posts: 6, comments: 5, seed: 3 })
    const [whole, one, other, target] = [1, 2, 3, 4].map(temporaryFolder) as [
      ...[string, string, string, string],
    ]
    await crawlWorld(simulator, whole)
    await crawlWorld(simulator, one, { limits: { only: new Set(['comments']) } })
    await crawlWorld(simulator, other, { seeds: ['feed', `post:${missing}`] })

    const report = await merge(target, one, other)

    expect(report).toMatchObject({ outcome: 'done', bad: [] })
    // Places in lists are of one answer each, and each walk looked at the feed itself.
    const merged = { ...toldRows(target), feed_entries: [] }
    const walked = { ...toldRows(whole), feed_entries: [] }
    expect(merged).toEqual(walked)
    expect(
      rowsOf(target, 'SELECT entity_id, reason FROM absences WHERE entity_id = ?', missing),
    ).toEqual([{ entity_id: missing, reason: 'not_found' }])
    expect(rowsOf(target, 'SELECT * FROM requests')).toEqual([])
    expect(rowsOf(target, 'SELECT * FROM costs')).toEqual([])
  })

  it('gives the same tables in either order, a second time, and after a rebuild', async () => {
    const simulator = await openWorld({ posts: 6, comments: 5, seed: 3 })
    const [one, other, target, reverse] = [1, 2, 3, 4].map(temporaryFolder) as [
      ...[string, string, string, string],
    ]
    await crawlWorld(simulator, one, { seeds: ['feed'], maxRequests: 9 })
    await crawlWorld(simulator, other, { seeds: [`post:${missing}`, 'leaderboard'] })

    await merge(target, one, other)
    await merge(reverse, other, one)
    const straight = tablesOf(target)
    const again = await merge(target, one, other, reverse)
    const after = tablesOf(target)
    await rebuild({ archiveDir: target, durability: 'normal', clock: () => noon * 1000 })

    expect(tablesOf(reverse)).toBe(straight)
    expect(again).toMatchObject({ pages: 0 })
    expect(after).toBe(straight)
    expect(tablesOf(target)).toBe(straight)
  })
})
