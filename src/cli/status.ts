import type Database from 'better-sqlite3'
import type { Command } from 'commander'
import type { ArchiveStatus, StatusStep } from '../archive/status.js'
import { exitCodes } from './exit-codes.js'
import { runReading } from './run-command.js'
import { readSettings, type Settings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { statusLists } from './status-lists.js'
import {
  dollars,
  instant,
  printResult,
  toColumns,
  withProgress,
  type Progress,
} from './terminal.js'

type StatusFlags = SharedFlags & Record<string, unknown>

/** `afterfeed status`. */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('what the archive holds')
    .description(
      'Shows rows, answers, money, what is unfinished or failed, and the next deadlines.',
    )
    .action((flags: StatusFlags) => runReading(flags, () => runStatus(flags)))
  for (const { flag, about } of statusLists) command.option(`--${flag}`, about)
  addSharedFlags(command)
}

async function runStatus(flags: StatusFlags): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const [{ openForReading }, { readStatus }] = await Promise.all([
    import('../archive/archive.js'),
    import('../archive/status.js'),
  ])
  const database = openForReading(settings.archive)
  try {
    const [status, lists] = await withProgress('status', flags, async (show) => {
      const tell = (step: StatusStep) => show(toProgress(step))
      const status = readStatus(database, Date.now() * 1000, tell)
      return [status, await readLists(database, flags, { settings, tell })]
    })
    const rows = Object.fromEntries(lists.map(({ flag, rows }) => [flag, rows]))
    const shown = Object.assign({ ...status, ...rows }, ...lists.map(({ more }) => more)) as object
    const texts = lists.map(({ text }) => text)
    printResult(flags, shown, [describe(settings.archive, status), ...texts].join('\n'))
  } finally {
    database.close()
  }
  return exitCodes.done
}

const toProgress = ({ what, done, total }: StatusStep): Progress => ({
  ...{ done, total, note: what, isStep: true },
  fields: { event: 'progress', step: what, done, total },
})

/** The lists that were asked for. */
async function readLists(
  database: Database.Database,
  flags: StatusFlags,
  { settings, tell }: { settings: Settings; tell: (step: StatusStep) => void },
): Promise<{ flag: string; rows: readonly object[]; text: string; more: object }[]> {
  const lists = []
  const asked = statusLists.filter((each) => flags[each.flag] === true)
  for (const [done, { flag, nothing, read }] of asked.entries()) {
    const total = asked.length
    const tellPart = (part: string) => tell({ what: `${flag}${part}`, done, total })
    tellPart('')
    const { rows, text, more = {} } = await read(database, settings, tellPart)
    lists.push({ flag, rows, text: text === '' ? nothing : text, more })
  }
  return lists
}

/** Calls by endpoint, and what a row cost. */
function describeCalls({ by_endpoint, usd_per_1000_new_rows }: ArchiveStatus['money']): string {
  const lines = by_endpoint.map(
    ({ endpoint, calls, cost_usd }) => [`  ${endpoint}`, calls, dollars(cost_usd)] as const,
  )
  const perRow =
    usd_per_1000_new_rows === null
      ? []
      : [
          `${dollars(usd_per_1000_new_rows)} per 1,000 new rows (rows of objects and relations, ` +
            'from posts to assets, that a paid answer told first)',
        ]
  return [toColumns(lines), ...perRow].join('\n')
}

function describe(archive: string, status: ArchiveStatus): string {
  const { requests, money } = status
  const rows = Object.entries(status.rows).filter(([, count]) => count > 0)
  const parts = [
    `Archive ${archive}`,
    toColumns(rows),
    `Calls ${money.calls}, ${dollars(money.cost_usd)}` +
      (money.billed_unknown > 0 ? ` (${money.billed_unknown} of them possibly not billed)` : ''),
    ...(money.by_endpoint.length === 0 ? [] : [describeCalls(money)]),
    `Requests: ${requests.done} done, ${requests.pending} pending, ${requests.failed} failed, ${requests.skipped} skipped`,
  ]
  if (status.deadlines.length > 0)
    parts.push(
      'Next links to end:',
      toColumns(status.deadlines.map(({ expires_at, files }) => [instant(expires_at), files])),
    )
  if (status.anomalies > 0)
    parts.push(
      `${status.anomalies} places in answers could not be read as expected (table anomalies).`,
    )
  if (status.rows.drift > 0)
    parts.push(`${status.rows.drift} keys or types that answers were not known to hold: --drift.`)
  if (requests.failed > 0)
    parts.push('--failed lists what failed; `crawl --retry-failed` asks anew.')
  return parts.join('\n')
}
