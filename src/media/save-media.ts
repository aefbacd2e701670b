import { ApiClient } from '../api/client.js'
import { steadyClock, systemClock } from '../api/clock.js'
import { Pace } from '../api/pace.js'
import { openSpending } from '../api/spending.js'
import { openArchive, type Archive } from '../archive/archive.js'
import { withStorageErrors } from '../archive/storage-error.js'
import { version } from '../model/version.js'
import { MediaRun, type MediaRoom } from './media-run.js'
import { fillSettings, type MediaOptions, type MediaSettings } from './options.js'
import type { MediaReport } from './report.js'
import { toUrlRules } from './safe-url.js'

/**
 * Saves the media files that an archive names, the soonest-expiring first: whole or not at all, each
 * content once. Links that have ended are renewed by paid calls, where calls renew them and the budget
 * allows. Stopped anywhere, the same call goes on.
 * @throws InputError for options that make no sense; ArchiveError if there is no archive to be used
 */
export async function saveMedia(options: MediaOptions): Promise<MediaReport> {
  const settings = fillSettings(options)
  const { archiveDir, baseUrl, apiKey, durability = 'full', timeoutMs = 60_000 } = options
  toUrlRules(settings.hosts, baseUrl)
  const client = new ApiClient({ baseUrl, apiKey, concurrency: 2, timeoutMs })
  try {
    return await withStorageErrors(archiveDir, async () => {
      const archive = openArchive(archiveDir, { durability, mustExist: true })
      try {
        return await runAlone(archive, client, options)
      } finally {
        archive.close()
      }
    })
  } finally {
    await client.close()
  }
}

/** The same beside a walk, in its process: sharing its archive, client, pace and budget. */
export const saveMediaBeside = (room: MediaRoom, settings: MediaSettings): Promise<MediaReport> =>
  new MediaRun(room, fillSettings(settings)).run()

async function runAlone(
  archive: Archive,
  client: ApiClient,
  options: MediaOptions,
): Promise<MediaReport> {
  const { baseUrl, apiKey, ratePerSecond = 5, durability = 'full' } = options
  const begin = archive.journal.walkedAt()
  const clock = options.clock ? steadyClock(options.clock, begin) : systemClock(begin)
  const runId = archive.runs.begin({
    ...{ command: 'media', seeds: [], config: configOf(options), version, startedAt: clock() },
  })
  const report = await saveMediaBeside(
    {
      ...{ archive, client, clock, runId, baseUrl, durability },
      hasKey: apiKey !== '',
      pace: new Pace({ ratePerSecond, concurrency: 2 }),
      spending: openSpending(archive.ledger, options),
      signal: options.signal ?? new AbortController().signal,
      isOver: () => true,
    },
    options,
  )
  archive.runs.end(runId, report.outcome, clock())
  return report
}

/** The settings of the run for its log; the key is none of them. */
function configOf(options: MediaOptions): Record<string, unknown> {
  const { baseUrl, variants, owners, hosts, largestBytes, concurrency, perHost } = options
  const { bytesPerSecond, renew, maxRequests, budgetUsd, budgetTotalUsd, prices } = options
  return {
    ...{ baseUrl, variants, owners, hosts, largestBytes, concurrency, perHost },
    ...{ bytesPerSecond, renew, maxRequests, budgetUsd, budgetTotalUsd, prices },
  }
}
