import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  exportDataset,
  verifyDataset,
  type ExportOptions,
  type ExportProgress,
} from '../../src/export/index.js'
import { makeArchive, temporaryFolder } from './archives.js'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, place) => place)

const archive = (): string =>
  makeArchive(temporaryFolder(), {
    posts: numbers(600).map((place) => ({ post_id: `s_${place}`, posted_at: 1 })),
    users: numbers(300).map((place) => ({ user_id: `user-${place}` })),
    responses: numbers(100).map((place) => ({
      ...{ response_id: `r_${place}`, endpoint: 'get_feed', params: '{}' },
      ...{ billed: 'no', origin: 'network', outcome: 'page', received_at: place },
    })),
  })

/** What an export tells on its way. */
async function told(options: Partial<ExportOptions>): Promise<ExportProgress[]> {
  const steps: ExportProgress[] = []
  const outDir = join(temporaryFolder(), 'out')
  const onProgress = (each: ExportProgress) => void steps.push(each)
  await exportDataset({ archivePath: archive(), outDir, ...options, onProgress })
  return steps
}

describe('the progress of an export', () => {
  it('goes up to the rows of all files together', async () => {
    const steps = await told({ tables: ['posts', 'users'], byMonth: true })

    const done = steps.map((each) => each.done)
    const last = steps.filter(({ step }) => step === null).at(-1)
    expect(done).toEqual([...done].sort((one, other) => one - other))
    expect(last).toMatchObject({ done: 1800, total: 1800 })
    expect(steps.at(-1)).toMatchObject({ done: 1800, total: 1800, step: 'describe' })
  })

  it('tells what is done beside reading rows before it begins', async () => {
    const steps = await told({ tables: ['posts', 'users'], formats: ['sqlite', 'threads'] })

    const names = steps.map(({ format, table, step }) => `${format} ${table}: ${step}`)
    expect(names).toEqual(
      expect.arrayContaining([
        'package rows: choose',
        'package posts: count',
        'sqlite posts: index',
        'threads posts: index',
        'threads threads: write',
        'package gaps: describe',
        'package absences: describe',
      ]),
    )
  })

  it.each(['choose', 'count', 'index', 'write', 'describe'])(
    'ends at a signal before the step %s',
    async (wanted) => {
      const abort = new AbortController()
      const steps: (string | null)[] = []
      const ended = exportDataset({
        ...{ archivePath: archive(), outDir: join(temporaryFolder(), 'out') },
        ...{ tables: ['posts'], formats: ['sqlite', 'threads'], signal: abort.signal },
        onProgress({ step }) {
          steps.push(step)
          if (step === wanted) abort.abort(new Error('stopped'))
        },
      })

      await expect(ended).rejects.toThrow('stopped')
      expect(steps.filter((each) => each === wanted)).toHaveLength(1)
    },
  )

  it('comes more often where each row brings an answer', async () => {
    const steps = await told({ formats: ['warc'] })

    const rows = steps.filter(({ format }) => format === 'warc').map((each) => each.rows)
    expect(rows).toEqual([32, 64, 96, 100])
  })
})

describe('the progress of a check of a package', () => {
  const steps = [
    'order of posts',
    'keys of users',
    'dataset.sqlite',
    'references in dataset.sqlite',
  ]

  it('tells each step in which no rows are read, and ends at a signal before it', async () => {
    const datasetDir = join(temporaryFolder(), 'out')
    await exportDataset({ archivePath: archive(), outDir: datasetDir, tables: ['posts', 'users'] })

    for (const wanted of steps) {
      const abort = new AbortController()
      const told: string[] = []
      const ended = verifyDataset({
        ...{ datasetDir, signal: abort.signal },
        onProgress({ check }) {
          told.push(check)
          if (check === wanted) abort.abort(new Error('stopped'))
        },
      })

      await expect(ended).rejects.toThrow('stopped')
      expect(told.at(-1)).toBe(wanted)
    }
  })
})
