import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openForReading } from '../../src/archive/archive.js'
import { importFiles } from '../../src/import/index.js'
import { findEndpoint } from '../../src/model/endpoints.js'
import { dumpDerived, type Answer } from '../archive/archives.js'
import { anyAnswers } from '../archive/wire.js'
import { zipOf } from './zip-file.js'

/** The text of an answer as somebody would have kept it. */
function textOf({ endpoint, params, body, receivedAt }: Answer): string {
  const path = findEndpoint(endpoint)?.path
  if (path === undefined) return body
  const { data, request_id } = JSON.parse(body) as { data: unknown; request_id: string }
  return JSON.stringify({
    ...{ code: 200, request_id, router: path, params, time_stamp: receivedAt / 1e6, data },
  })
}

const wrappers = ['single', 'lines', 'array', 'har', 'zip'] as const
type Wrapper = (typeof wrappers)[number]

/** Files that hold these texts in one of the ways in which people hold them. */
function filesOf(texts: readonly string[], wrapper: Wrapper): Record<string, string | Buffer> {
  switch (wrapper) {
    case 'single':
      return Object.fromEntries(texts.map((text, index) => [`${index}.json`, text]))
    case 'lines':
      return { 'all.ndjson': texts.join('\n') }
    case 'array':
      return { 'all.json': `[\n${texts.join(' ,\n')}]` }
    case 'har':
      return { 'all.har': JSON.stringify({ log: { entries: texts.map(toEntry) } }) }
    case 'zip':
      return { 'all.zip': zipOf(texts.map((content, n) => ({ name: `${n}.json`, content }))) }
  }
}

const toEntry = (text: string) => ({
  startedDateTime: '2025-10-15T00:00:00Z',
  request: { url: 'https://x/y' },
  response: { status: 200, content: { text } },
})

/** Imports these dumps, one after the other, and says what the tables hold then. */
async function importAll(dir: string, names: readonly string[]): Promise<string | null> {
  const clock = () => Date.UTC(2026, 10, 20) * 1000
  let isEmpty = true
  for (const name of names)
    try {
      await importFiles({ archiveDir: dir, files: [name], durability: 'normal', clock })
      isEmpty = false
    } catch {
      // A dump without anything of ours.
    }
  if (isEmpty) return null
  const database = openForReading(dir)
  try {
    return dumpDerived(database)
  } finally {
    database.close()
  }
}

const place = fc.record({
  archive: fc.integer({ min: 0, max: 2 }),
  wrapper: fc.constantFrom(...wrappers),
})

/** A HAR tells a time of its own for what tells none: it is another sight of it. */
const wrapperOf = ({ endpoint }: Answer, { wrapper }: { wrapper: Wrapper }): Wrapper =>
  wrapper === 'har' && endpoint.startsWith('native_') ? 'lines' : wrapper

const scattered = anyAnswers.chain((answers) =>
  fc.record({
    answers: fc.constant(answers),
    places: fc.array(place, { minLength: answers.length, maxLength: answers.length }),
    twice: fc.nat(answers.length - 1),
    order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  }),
)

describe('importFiles of many dumps and archives', () => {
  it('makes the same tables of the same answers, however they are scattered and merged', async () => {
    await fc.assert(
      fc.asyncProperty(scattered, async ({ answers, places, twice, order }) => {
        const folder = mkdtempSync(join(tmpdir(), 'afterfeed-merge-'))
        try {
          const texts = answers.map(textOf)
          const straight = join(folder, 'straight.ndjson')
          writeFileSync(straight, texts.join('\n'))
          const expected = await importAll(join(folder, 'one'), [straight])

          const archives: string[] = []
          for (const which of order) {
            const archive = join(folder, `archive-${which}`)
            const dumps: string[] = []
            for (const wrapper of wrappers) {
              const chosen = texts.filter(
                (_, n) =>
                  (places[n]!.archive === which &&
                    wrapperOf(answers[n]!, places[n]!) === wrapper) ||
                  (n === twice && wrapper === 'array'),
              )
              if (chosen.length === 0) continue
              const dump = join(folder, `dump-${which}-${wrapper}`)
              mkdirSync(dump)
              for (const [name, content] of Object.entries(filesOf(chosen, wrapper)))
                writeFileSync(join(dump, name), content)
              dumps.push(dump)
            }
            if ((await importAll(archive, dumps)) !== null) archives.push(archive)
          }
          const merged = await importAll(join(folder, 'merged'), archives)

          expect(merged).toBe(expected)
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 25 },
    )
  })
})
