import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { exportDataset, verifyDataset, type ExportOptions } from '../../../src/export/index.js'
import { makeArchive, temporaryFolder } from '../archives.js'
import { post, publishable, user, world } from './world.js'

async function publish(options: Partial<ExportOptions>) {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'archive'))
  const archivePath = makeArchive(join(folder, 'archive'), world)
  const datasetDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir: datasetDir, ...options })
  return { archivePath, datasetDir, keyFile: join(folder, 'archive.pseudonym-key') }
}

const seed = (name: string, endpoint: string, params: Record<string, string>) => ({
  seeds: [{ seed: name, endpoint, params }],
})

describe('verifyDataset', () => {
  it.each<Partial<ExportOptions>>([
    { profile: 'research', formats: publishable, withLog: true },
    { profile: 'research', tombstones: 'drop', formats: ['sqlite'] },
    { profile: 'ids', tombstones: 'keep' },
    { profile: 'full', tombstones: 'blank' },
    { profile: 'research', since: 1, byMonth: true },
    { profile: 'research', ...seed(`user:${user(1)}`, 'get_user_profile', { user_id: user(1) }) },
    { profile: 'research', ...seed('feed', 'get_feed', {}) },
  ])('finds nothing in a package as its profile shows the archive: %j', async (options) => {
    const { archivePath, datasetDir } = await publish(options)

    expect(await verifyDataset({ datasetDir, archivePath })).toEqual([])
    expect(await verifyDataset({ datasetDir })).toEqual([])
  })

  it('tells a pseudonym of a seed, and never whose it is', async () => {
    const of = seed(`user:${user(1)}`, 'get_user_profile', { user_id: user(1) })
    const { datasetDir } = await publish({ profile: 'research', ...of })

    const described = readFileSync(join(datasetDir, 'datapackage.json'), 'utf8')
    expect(described).toMatch(/"seed": "user:user-p_[0-9a-f]{20}"/)
    expect(described).not.toContain(user(1))
  })

  it('finds what is another value in the archive', async () => {
    const { archivePath, datasetDir } = await publish({ profile: 'research' })
    const database = new Database(archivePath)
    database.exec(`UPDATE posts SET text = 'hi @carol-c' WHERE post_id = '${post(1)}'`)
    database.close()

    const [finding] = await verifyDataset({ datasetDir, archivePath })

    expect(finding?.check).toBe('values')
    expect(finding?.problem).toContain('posts in data/posts.parquet is not as in the archive in')
  })

  it('says which key is missing, and which is another one', async () => {
    const { archivePath, datasetDir, keyFile } = await publish({ profile: 'research' })
    rmSync(keyFile)
    const missing = await verifyDataset({ datasetDir, archivePath })
    writeFileSync(keyFile, 'ab'.repeat(32))
    const another = await verifyDataset({ datasetDir, archivePath })

    expect(missing).toEqual([
      {
        check: 'key',
        problem: expect.stringContaining(`no key of its pseudonyms at ${keyFile}`) as string,
      },
    ])
    expect(another).toEqual([
      { check: 'key', problem: expect.stringContaining(`${keyFile} is not the key`) as string },
    ])
  })

  it('says where seeds are not told', async () => {
    const of = seed('search:alice', 'search_users', { username: 'alice' })
    const { archivePath, datasetDir } = await publish({ profile: 'research', ...of })

    const [finding] = await verifyDataset({ datasetDir, archivePath })

    expect(finding).toEqual({
      check: 'key',
      problem: 'it does not tell all its seeds, so the archive cannot be cut alike',
    })
    const append = exportDataset({ archivePath, outDir: datasetDir, append: true })
    await expect(append).rejects.toThrow('does not tell its seeds whole')
  })
})
