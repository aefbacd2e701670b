import { openArchive } from '../archive/archive.js'
import { hasArchive } from '../archive/archive-file.js'
import { withStorageErrors } from '../archive/storage-error.js'
import { ApiClient } from '../api/client.js'
import { InputError } from '../model/errors.js'
import { CrawlRun } from './crawl-run.js'
import type { CrawlOptions } from './options.js'
import { noKeyMessage, noSeedMessage, requireGaps } from './plan-seeds.js'
import type { CrawlReport } from './report.js'
import { toSeedRequest } from './seeds.js'

export type { CrawlOptions } from './options.js'
export type { CrawlProgress, CrawlReport } from './report.js'

/**
 * Walks from the seeds, or goes on where the archive's last walk stopped. Asks for nothing that is
 * held, nor for what counters announce as empty.
 * @throws InputError for seeds, addresses or archives that cannot be used
 */
export async function crawl(options: CrawlOptions): Promise<CrawlReport> {
  options.seeds.forEach(toSeedRequest)
  requireGaps(options.archiveDir, options.seeds)
  if (!hasArchive(options.archiveDir)) {
    if (options.seeds.length === 0) throw new InputError(noSeedMessage)
    if (options.apiKey === '') throw new InputError(noKeyMessage)
  }
  const { durability, concurrency = 4, timeoutMs = 60_000 } = options
  const { baseUrl, apiKey } = options
  const client = new ApiClient({ baseUrl, apiKey, concurrency, timeoutMs })
  try {
    return await withStorageErrors(options.archiveDir, async () => {
      const how = { ...(durability ? { durability } : {}), isForRebuild: true }
      const archive = openArchive(options.archiveDir, how)
      try {
        return await new CrawlRun(options, archive, client, concurrency).run()
      } finally {
        archive.close()
      }
    })
  } finally {
    await client.close()
  }
}
