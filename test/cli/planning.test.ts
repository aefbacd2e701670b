import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { openArchive } from '../../src/archive/archive.js'
import { buildProgram, start, temporaryFolder } from './program.js'

beforeAll(buildProgram, 120_000)

/** An archive with so many posts whose comments nobody has asked for. */
function archiveWithGaps(gaps: number): string {
  const archive = join(temporaryFolder(), 'archive')
  openArchive(archive).close()
  const database = new Database(join(archive, 'archive.sqlite'))
  database.exec(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT ${gaps})
     INSERT INTO posts (post_id, reply_count, first_seen_at, last_seen_at, first_response_id, last_response_id)
     SELECT 's_' || n, 1, 0, 0, '', '' FROM numbers`,
  )
  database.close()
  return archive
}

describe('a crawl of very many gaps', () => {
  it('tells how many are planned, and ends at a signal meanwhile, as if it had not begun', async () => {
    const archive = archiveWithGaps(150_000)
    const args = [
      'crawl',
      '@gaps',
      '--json',
      '--archive',
      archive,
      '--base-url',
      'http://127.0.0.1:9',
    ]

    const { process, line, ended } = start(args, { key: 'key' })
    const progress = await line('stderr', (each) => each.includes('"progress"'))
    process.kill('SIGINT')
    await ended

    const database = new Database(join(archive, 'archive.sqlite'), { readonly: true })
    const count = (table: string) => database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    const { pages, pending } = JSON.parse(progress) as { pages: number; pending: number }
    expect(process.signalCode).toBe('SIGINT')
    expect({
      pages,
      isWhole: pending % 1000 === 0,
      isPart: pending > 0 && pending < 150_000,
    }).toEqual({ pages: 0, isWhole: true, isPart: true })
    expect([count('requests'), count('runs')]).toEqual([0, 0])
    database.close()
  })
})
