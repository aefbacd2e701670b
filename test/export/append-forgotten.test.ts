import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toSeedRequest } from '../../src/crawl/seeds.js'
import { exportDataset } from '../../src/export/index.js'
import { InputError } from '../../src/model/errors.js'
import { profiles } from '../../src/model/profiles.js'
import { forgetIn } from '../archive/forgotten-world.js'
import { crawlWorld, openWorld, temporaryFolder } from '../crawl/worlds.js'

const toSeeds = (...seeds: string[]) => seeds.map((seed) => ({ seed, ...toSeedRequest(seed)! }))

const bytesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => readFileSync(join(each.parentPath, each.name), 'latin1'))
    .join('\n')

/** A crawl, and somebody in it who posted. */
async function crawled() {
  const simulator = await openWorld({ posts: 6, comments: 2, users: 6, seed: 5 })
  const folder = temporaryFolder()
  const dir = join(folder, 'archive')
  await crawlWorld(simulator, dir)
  const { author_id: user, post_id: post } = simulator
    .truth()
    .posts.find((each) => each.author_id?.startsWith('user-') && each.in_feed)!
  return { dir, folder, user: user!, post }
}

describe('export --append after a forget', () => {
  it.each(profiles)(
    'does not go on to name a seed, with the profile %s',
    async (profile) => {
      const { dir, folder, user, post } = await crawled()
      const archivePath = join(dir, 'archive.sqlite')
      const start = { archivePath, profile, formats: ['csv'] as const }
      const [all, some, one] = ['all', 'some', 'one'].map((name) => join(folder, name))
      await exportDataset({ ...start, outDir: all!, seeds: toSeeds('feed') })
      await exportDataset({ ...start, outDir: some!, seeds: toSeeds('feed', `user:${user}`) })
      await exportDataset({ ...start, outDir: one!, seeds: toSeeds(`post:${post}`) })
      await exportDataset({ archivePath, outDir: some!, append: true })
      await forgetIn(dir, [`user:${user}`])

      for (const outDir of [some!, one!]) {
        const before = bytesOf(outDir)
        const appending = exportDataset({ archivePath, outDir, append: true })
        await expect(appending).rejects.toThrow(InputError)
        await expect(appending).rejects.toThrow('knows nothing any more')
        expect(bytesOf(outDir)).toBe(before)
      }
      await exportDataset({ archivePath, outDir: all!, append: true })
      expect(bytesOf(all!)).not.toContain(post)
    },
    60_000,
  )
})
