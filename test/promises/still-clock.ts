import { setImmediate as turn } from 'node:timers/promises'
import { vi } from 'vitest'
import { hasArchive } from '../../src/archive/archive-file.js'
import { openForReading } from '../../src/archive/archive.js'
import type { CrawlOptions, CrawlReport } from '../../src/index.js'
import { crawlAt } from './runs.js'
import type { ScriptedApi } from './scripted-api.js'

const stepMs = 5

/**
 * Crawls, one run after the other, by one clock that stands still while a call or its answer is on its
 * way: when calls arrive is when they were sent, however slow the machine is.
 */
export async function crawlByStillClock(
  { url, held }: ScriptedApi,
  archiveDir: string,
  ...runs: readonly Partial<CrawlOptions>[]
): Promise<CrawlReport[]> {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  const underWay = watchCalls(archiveDir)
  let isOver = false
  try {
    const crawled = inTurn(runs, (options) => crawlAt(url, archiveDir, options)).finally(
      () => (isOver = true),
    )
    while (!isOver) {
      if (underWay.count() <= held()) await vi.advanceTimersByTimeAsync(stepMs)
      await turn()
    }
    return await crawled
  } finally {
    underWay.end()
    vi.useRealTimers()
  }
}

async function inTurn<Given, Result>(
  all: readonly Given[],
  run: (given: Given) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const each of all) results.push(await run(each))
  return results
}

/** Counts the calls of an archive that are sent and have no answer yet. */
function watchCalls(archiveDir: string): { count(): number; end(): void } {
  let database: ReturnType<typeof openForReading> | undefined
  const sql = `SELECT count(*) FROM responses WHERE origin = 'network' AND received_at IS NULL`
  return {
    count() {
      if (!hasArchive(archiveDir)) return 0
      database ??= openForReading(archiveDir)
      return database.prepare(sql).pluck().get() as number
    },
    end: () => database?.close(),
  }
}
