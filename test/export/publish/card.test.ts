import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { exportDataset, type ExportOptions } from '../../../src/export/index.js'
import { makeArchive, temporaryFolder, type Fields } from '../archives.js'
import { world } from './world.js'

async function describeDataset(rows: Record<string, Fields[]>, options: Partial<ExportOptions>) {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'archive'))
  const archivePath = makeArchive(join(folder, 'archive'), rows)
  const outDir = join(folder, 'out')
  await exportDataset({ archivePath, outDir, ...options })
  return (path: string) => readFileSync(join(outDir, path), 'utf8')
}

describe('the card', () => {
  it.each([
    ['full', 'Profile `full`: for yourself, not to be published.'],
    ['research', 'What remains identifying: the ids of posts and comments'],
    ['ids', 'no words, no times, no counters'],
  ] as const)('says what the profile %s does with people', async (profile, words) => {
    const read = await describeDataset(world, { profile })

    expect(read('README.md')).toContain(words)
    expect(read('README.md')).toContain(`Profile: ${profile}.`)
    expect(read('methods.md').includes('Per column the newest')).toBe(profile !== 'ids')
    expect(read('methods.md').includes('were given pseudonyms')).toBe(profile !== 'full')
    const croissant = JSON.parse(read('croissant.json')) as Record<string, string>
    expect(croissant['rai:personalSensitiveInformation']).toContain(words)
    expect(JSON.parse(read('datapackage.json'))).toMatchObject({
      afterfeed: { options: { profile } },
    })
  })

  it.each([
    ['full', 'names and texts of people', true],
    ['research', 'texts of people', true],
    ['ids', 'ids of what people posted', false],
  ] as const)(
    'speaks of no column and table that the profile %s has not',
    async (profile, shown, isTold) => {
      const read = await describeDataset(world, { profile })
      const card = read('README.md')
      const croissant = JSON.parse(read('croissant.json')) as Record<string, unknown>

      expect(card).toContain(`On what grounds are ${shown} published`)
      for (const text of [card, read('methods.md'), croissant['rai:dataCollection']])
        expect(`${text as string}`.includes('rows name the first and the last answer')).toBe(isTold)
      for (const text of [card, croissant['rai:dataBiases']])
        expect([
          `${text as string}`.includes('Counters and names'),
          `${text as string}`.includes('a row in `absences`'),
        ]).toEqual([isTold, isTold])
    },
  )

  it.each([
    ['keep', 'as they were held'],
    ['blank', 'without their words'],
    ['drop', 'left out, with what hangs on them'],
  ] as const)('says what became of deleted posts: %s', async (tombstones, words) => {
    const read = await describeDataset(world, { profile: 'research', tombstones })

    expect(read('README.md')).toContain(`Posts and comments that were deleted since are`)
    expect(read('README.md')).toContain(words)
    expect(read('methods.md')).toContain(words)
  })

  it('says that mentions of people who are not held have pseudonyms of their own', async () => {
    const read = await describeDataset(world, { profile: 'research' })

    expect(read('README.md')).toMatch(/a handle of nobody here.* until a release knows whose it is/)
  })

  it('says in the dictionary what columns hold instead', async () => {
    const read = await describeDataset(world, { profile: 'research' })

    expect(read('data-dictionary.md')).toMatch(/`author_id` .* Here a pseudonym\./)
    expect(read('data-dictionary.md')).not.toMatch(/`(display_name|website|start_char)`/)
  })

  it.each(['full', 'research'] as const)(
    'and all that stands beside it shows hostile words as words (%s)',
    async (profile) => {
      const evil =
        '</script><b onload=x> | `a` [x](javascript:1) {{y}}\r\n---\n# H\nlicense: x\u202e'
      const evilRows = Object.fromEntries(
        Object.entries(world).map(([name, rows]) => [
          name,
          rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([column, value]) => [
                column,
                [
                  'text',
                  'reason',
                  'end_reason',
                  'excerpt',
                  'error',
                  'outcome',
                  'display_name',
                ].includes(column) && typeof value === 'string'
                  ? `${value}${evil}`
                  : value,
              ]),
            ),
          ),
        ]),
      )
      const rows = {
        ...evilRows,
        passes: [{ pass: 1, seeds: JSON.stringify([`search:${evil}`, evil]) }],
        requests: [
          {
            request_id: 1,
            endpoint: `get_feed${evil}`,
            request_key: 'a',
            state: 'skipped',
            reason: evil,
          },
        ],
        responses: [{ response_id: 'r_1', endpoint: `get_feed${evil}`, billed: 'no' }],
      }
      const naming = { title: `T ${evil}`, creator: `C ${evil}`, url: 'https://x.org/' }
      const seeds = [
        { seed: `search:${evil}`, endpoint: 'search_users', params: { username: evil } },
      ]
      const read = await describeDataset(rows, { profile, withLog: true, seeds, ...naming })

      for (const path of ['README.md', 'methods.md', 'data-dictionary.md']) {
        const lines = read(path)
          .replace(/^---\n.*?\n---\n/s, '')
          .split('\n')
        expect(
          lines.filter((line) =>
            /<b |<\/script|\]\(javascript|^# H|^license: x|\r|\u202e/.test(line),
          ),
          path,
        ).toEqual([])
      }
      const card = read('README.md')
      expect(card.split('\n').filter((line) => line === '---')).toHaveLength(2)
      expect(card.match(/^# /gm)).toHaveLength(1)
      expect((parse(card.split('---\n')[1]!) as { license: string }).license).toBe('unknown')
      expect((parse(read('CITATION.cff')) as { authors: unknown[] }).authors).toHaveLength(1)
    },
  )
})
