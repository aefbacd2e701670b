import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../../src/export/index.js'
import { InputError } from '../../../src/model/errors.js'
import { buildProgram, run } from '../../cli/program.js'
import { makeArchive, temporaryFolder } from '../archives.js'
import { world } from './world.js'

beforeAll(buildProgram)

async function published() {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'archive'))
  const archivePath = makeArchive(join(folder, 'archive'), world)
  const outDir = join(folder, 'out')
  const exported = (options: Partial<ExportOptions> = {}) =>
    exportDataset({ archivePath, outDir, formats: ['csv'], ...options })
  await exported({ profile: 'research' })
  const sums = () => readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
  return { folder, archivePath, outDir, exported, sums }
}

describe('a folder with what was published', () => {
  it('is not filled with names because an option was left out', async () => {
    const { exported, sums } = await published()
    const before = sums()

    await expect(exported()).rejects.toThrow(InputError)
    await expect(exported()).rejects.toThrow(/a dataset for others \(profile research\)/)
    expect(sums()).toBe(before)
  })

  it('is known as such where an export was killed while it took the former files away', async () => {
    const { exported, sums, outDir } = await published()
    const before = sums()
    const aside = join(outDir, '.unfinished', 'old')
    mkdirSync(aside, { recursive: true })
    renameSync(join(outDir, 'datapackage.json'), join(aside, 'datapackage.json'))

    await expect(exported()).rejects.toThrow(/a dataset for others \(profile research\)/)
    expect(sums()).toBe(before)
  })

  it('is replaced by what is published again, by an append, and where full is asked for', async () => {
    const { exported, sums, outDir, archivePath } = await published()
    const all = [sums()]

    for (const profile of ['ids', 'research', 'full', undefined] as const) {
      await exported(profile === undefined ? {} : { profile })
      all.push(sums())
    }
    await exported({ profile: 'research' })
    await exportDataset({ archivePath, outDir, append: true })

    expect([sums(), all[2], all[4]]).toEqual([all[0], all[0], all[3]])
    expect(new Set(all).size).toBe(3)
  })

  it('is refused by crawl --export before anything is sent', async () => {
    const { folder, outDir, sums } = await published()
    const before = sums()
    const to = ['--archive', join(folder, 'new'), '--base-url', 'http://127.0.0.1:9']

    const { code, stderr } = await run(['crawl', 'feed', '--export', outDir, ...to], { key: 'key' })

    expect([code, existsSync(join(folder, 'new')), sums()]).toEqual([2, false, before])
    expect(stderr).toContain('a dataset for others (profile research)')
  })
})
