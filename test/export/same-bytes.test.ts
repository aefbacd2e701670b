import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportDataset, formatNames } from '../../src/export/index.js'
import { importPages, pageNames } from './imported.js'

const formats = formatNames

/** The sums of all files of an export; they stand for every byte of it. */
async function sumsOf(names: readonly string[], isOneRun: boolean): Promise<string> {
  const { folder, archivePath } = await importPages(names, { isOneRun })
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir, formats, byMonth: true, license: 'CC-BY-4.0' })
  return readFileSync(join(outDir, 'SHA256SUMS'), 'utf8')
}

describe('the same bytes', () => {
  it('come of every file, whatever order the answers came in, in one run or in many', async () => {
    const first = await sumsOf(pageNames, true)
    const shuffled = fc.shuffledSubarray(pageNames, {
      minLength: pageNames.length,
      maxLength: pageNames.length,
    })

    await fc.assert(
      fc.asyncProperty(shuffled, fc.boolean(), async (names, isOneRun) => {
        expect(await sumsOf(names, isOneRun)).toBe(first)
      }),
      { numRuns: 6 },
    )
  })

  it('are other bytes, and another version, when one answer less is held', async () => {
    const versions = [pageNames, pageNames.filter((each) => each !== 'feed.json')].map(
      async (names) => {
        const { folder, archivePath } = await importPages(names)
        return (await exportDataset({ archivePath, outDir: join(folder, 'out') })).version
      },
    )

    const [one, other] = await Promise.all(versions)
    expect(one).toMatch(/^1\.0\.0\+sha256\.[0-9a-f]{64}$/)
    expect(other).not.toBe(one)
  })
})
