import { Option, type Command } from 'commander'
import type { ExtraName } from '../model/extras.js'
import type { CrawlProgress, CrawlReport } from '../crawl/crawl.js'
import type { CrawlPlan } from '../crawl/dry-run.js'
import { orders, type Order } from '../model/order.js'
import type { MediaProgress } from '../media/index.js'
import { commandLine } from './command-line.js'
import { CrawlExport } from './crawl-export.js'
import { jointOutcome, mediaBeside } from './crawl-media.js'
import { describeMedia, toProgress as toMediaProgress } from './media.js'
import { expandSeeds } from './seed-files.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings, type Settings } from './settings.js'
import {
  addSharedFlags,
  toLimits,
  toMicros,
  toNames,
  toNumber,
  toWhole,
  type SharedFlags,
} from './shared-flags.js'
import { dollars, instant, openProgress, printResult, type Progress } from './terminal.js'

interface CrawlFlags extends SharedFlags {
  baseUrl?: string
  budget?: number
  budgetTotal?: number
  maxRequests?: number
  retryFailed?: boolean
  refresh?: boolean
  with?: string[]
  maxPages?: Record<string, number>
  maxDepth?: Record<string, number>
  since?: number
  until?: number
  rate?: number
  concurrency?: number
  only?: string[]
  order?: Order
  dryRun?: boolean
  media?: boolean
  export?: string
}

const listSteps = [
  ...['feed', 'comments', 'replies', 'remixes', 'posts'],
  ...['appearances', 'followers', 'following', 'leaderboard'],
]

/** `afterfeed crawl`. */
export function addCrawl(program: Command): void {
  const command = program
    .command('crawl')
    .argument('[seeds...]', 'where to begin; none: go on with what is unfinished')
    .summary('walk the API from the seeds, or go on')
    .description(
      'Walks feed → posts → comments → replies → remixes by cursors and saves every answer. Asks for ' +
        'nothing that is held, nor for what counters announce as empty. Each call costs $0.05 (task: free). ' +
        'Stopped anywhere, the same command goes on.',
    )
    .option('--base-url <url>', 'where the API is')
    .option('--budget <usd>', 'dollars of this run at most', toNumber)
    .option('--budget-total <usd>', "dollars of the archive's whole life at most", toNumber)
    .option('--max-requests <n>', 'calls of this run at most', toWhole)
    .option(
      '--with <list>',
      'after the walk also these extra steps (below), e.g. profiles,ancestors',
      toNames(['profiles', 'ancestors', 'followers', 'appearances', 'second_look']),
    )
    .option('--refresh', 'a new pass over the seeds: asks for what can have changed')
    .option('--retry-failed', 'ask anew what failed for good')
    .option('--max-pages <list>', 'pages of a list at most, e.g. feed=20', toLimits(listSteps))
    .option(
      '--max-depth <list>',
      'levels at most, e.g. remixes=3,replies=2',
      toLimits(['remixes', 'replies']),
    )
    .option('--since <date>', 'threads of posts from this day on (UTC)', toMicros)
    .option('--until <date>', 'threads of posts before this day (UTC)', toMicros)
    .option('--rate <per second>', 'calls a second at most; 0: no limit (default: 5)', toNumber)
    .option('--concurrency <n>', 'calls under way at a time (default: 4)', toWhole)
    .option(
      '--only <list>',
      'of comments,replies,remixes only these',
      toNames(['comments', 'replies', 'remixes']),
    )
    .addOption(
      new Option(
        '--order <name>',
        'what goes first: finish threads, first planned, last planned, most rows a dollar (default: thread)',
      ).choices(orders),
    )
    .option('--media', 'saves media files beside the walk, the soonest-expiring first')
    .option('--export <dir>', 'writes a dataset at the end, and in time before links end')
    .option('--dry-run', 'shows what is pending and what it is likely to cost; sends nothing')
    .addHelpText(
      'after',
      `
Seeds: feed · post:<id or address> · user:<id> · appearances:<user id> · followers:<user id> ·
  following:<user id> · leaderboard · search:<text> · task:<id> · generation:<id> ·
  @file (one seed a line; blank lines and # aside)
Extra steps, off unless named, $0.05 a call like all reading:
  profiles     the full profile of every author of whom only a summary is held: a call each
  ancestors    every post that a remix names as its ancestor and that is not held: a call each
  followers    the followers of every author of a post: a call for 50 of them
  appearances  the videos in which the people cast appear, with their threads: a call for 30 of them
  second_look  every post that was young when it was first seen, once after a while: a call each
The key comes from TIKHUB_API_KEY or the config file.`,
    )
    .action((seeds: string[], flags: CrawlFlags) =>
      runCommand(flags, (interruption) => runCrawl(seeds, flags, interruption)),
    )
  addSharedFlags(command)
}

async function runCrawl(
  words: string[],
  flags: CrawlFlags,
  { signal, cause }: Interruption,
): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const seeds = await expandSeeds(words)
  if (flags.dryRun) return runDry(seeds, flags, settings)
  const { crawl } = await import('../crawl/crawl.js')
  const exporting = flags.export ? new CrawlExport(flags.export, settings, signal) : null
  await exporting?.check()
  const media = flags.media ? mediaBeside(settings) : null
  const view = await openProgress('crawl', flags)
  const { maxRequests, budget, budgetTotal } = flags
  let report: CrawlReport
  try {
    report = await crawl({
      archiveDir: settings.archive,
      seeds,
      baseUrl: flags.baseUrl ?? settings.api.base_url,
      apiKey: settings.api.key ?? '',
      limits: limitsOf(flags, settings),
      retryFailed: flags.retryFailed ?? false,
      extras: extrasOf(flags, settings),
      ...refreshOf(flags, settings),
      ...(maxRequests === undefined ? {} : { maxRequests }),
      ...(budget === undefined ? {} : { budgetUsd: budget }),
      ...(budgetTotal === undefined ? {} : { budgetTotalUsd: budgetTotal }),
      prices: pricesOf(settings),
      order: flags.order ?? settings.order,
      weights: settings.weights,
      ratePerSecond: (flags.rate ?? settings.api.rate) || Infinity,
      concurrency: (flags.concurrency ?? settings.api.concurrency) || 1,
      timeoutMs: settings.api.timeout_s * 1000,
      durability: settings.durability,
      signal,
      ...(media === null ? {} : { beside: media.beside }),
      onProgress: (progress) => {
        view.show(toProgress(progress, media?.progress() ?? null))
        exporting?.watch(progress.nearestDeadline, progress.pages)
      },
    })
  } finally {
    view.end()
  }
  const isExported = (await exporting?.finish()) ?? false
  const saved = media?.report() ?? null
  const outcome = saved === null ? report.outcome : jointOutcome(report.outcome, saved.outcome)
  const goOn = commandLine(process.argv.slice(2))
  const lines = [
    describe(report, goOn),
    ...(saved === null ? [] : [`Media: ${describeMedia(saved, goOn)}`]),
    ...(isExported ? [`The dataset: ${flags.export}`] : []),
  ]
  const result = { ...resultOf(report), outcome, ...(saved === null ? {} : { media: saved }) }
  printResult(flags, result, lines.join('\n'))
  return exitCodeOf(outcome, cause())
}

async function runDry(seeds: string[], flags: CrawlFlags, settings: Settings): Promise<number> {
  const { planCrawl } = await import('../crawl/dry-run.js')
  const plan = await planCrawl({
    archiveDir: settings.archive,
    seeds,
    limits: limitsOf(flags, settings),
    retryFailed: flags.retryFailed ?? false,
    extras: extrasOf(flags, settings),
    ...refreshOf(flags, settings),
    prices: pricesOf(settings),
    clock: () => Date.now() * 1000,
  })
  printResult(flags, plan, describePlan(plan))
  return exitCodes.done
}

/** The extra steps: those of the flag, else those of the config file. */
const extrasOf = (flags: CrawlFlags, settings: Settings): ExtraName[] =>
  (flags.with as ExtraName[] | undefined) ?? settings.extras

const pricesOf = ({ api }: Settings) => ({ perCall: api.prices, tiers: api.discounts })

const refreshOf = (flags: CrawlFlags, { refresh }: Settings) => ({
  refresh: flags.refresh ?? false,
  secondLook: { youngHours: refresh.young_h, afterHours: refresh.second_look_after_h },
})

const limitsOf = (
  { only, maxPages, maxDepth, since, until }: CrawlFlags,
  { refresh }: Settings,
) => ({
  knownRun: refresh.known_run,
  recheckMissing: refresh.recheck_missing,
  only: only ? new Set(only) : null,
  maxPages: maxPages ?? {},
  maxDepth: maxDepth ?? {},
  since: since ?? null,
  until: until ?? null,
})

/** The line that scripts read; its fields are fixed. */
function resultOf(report: CrawlReport): object {
  const { outcome, requests_sent, cost_usd, posts, comments, users, remixes } = report
  const { pending, failed, skipped, message } = report
  return {
    ...{ outcome, requests_sent, cost_usd, posts, comments, users, remixes },
    ...{ pending, failed, skipped, message },
  }
}

/** Where a crawl stands, for the bar and for NDJSON. */
export function toProgress(progress: CrawlProgress, media: MediaProgress | null = null): Progress {
  const { pages, pending, costUsd, perSecond } = progress
  const { nearestDeadline } = media ?? progress
  const deadline = nearestDeadline === null ? '' : ` · first link ends ${instant(nearestDeadline)}`
  const files = media === null ? '' : ` · ${media.files}/${media.totalFiles} files`
  return {
    done: pages,
    total: pages + pending,
    note: `pages · ${dollars(costUsd)} · ${perSecond.toFixed(0)}/s${files}${deadline}`,
    fields: {
      event: 'progress',
      pages,
      pending,
      requests_sent: progress.requestsSent,
      cost_usd: costUsd,
      per_second: perSecond,
      nearest_deadline: nearestDeadline === null ? null : instant(nearestDeadline),
      ...(media === null ? {} : { media: toMediaProgress(media).fields }),
    },
  }
}

function describe(report: CrawlReport, goOn: string): string {
  const { outcome, requests_sent, cost_usd, pending, failed, skipped, message } = report
  const rows = `${report.posts} posts, ${report.comments} comments, ${report.remixes} remixes, ${report.users} people`
  const lines = [
    `${outcome === message ? outcome : `${outcome}: ${message}`}`,
    `${requests_sent} calls, ${dollars(cost_usd)}. The archive holds ${rows}.`,
  ]
  if (skipped > 0)
    lines.push(`${skipped} requests were left out by choice; without that limit they are taken up.`)
  if (failed > 0)
    lines.push(
      `${failed} requests failed for good: \`afterfeed status --failed\` lists them, \`crawl --retry-failed\` asks them anew.`,
    )
  if (pending > 0) lines.push(`${pending} requests are waiting. To go on: ${goOn}`)
  return lines.join('\n')
}

function describePlan(plan: CrawlPlan): string {
  const row = (name: string, { pending, ...reckoned }: Reckoned) => [
    ...[name, pending, reckoned.least_calls, dollars(reckoned.least_usd)],
    ...[reckoned.expected_calls ?? '?', optionalDollars(reckoned.expected_usd)],
  ]
  const table = toTable([
    ['', 'pending', 'calls, at least', '', 'calls, expected', ''],
    ...plan.endpoints.map((each) => row(each.endpoint, each)),
    row('total', plan),
  ])
  const aside = `Spent so far: ${dollars(plan.spent_usd)}. Left out by choice: ${plan.skipped} requests. Failed: ${plan.failed}.`
  return [...(plan.pending === 0 ? [] : [table]), ...plan.notes, aside].join('\n')
}

type Reckoned = Pick<
  CrawlPlan,
  'pending' | 'least_calls' | 'least_usd' | 'expected_calls' | 'expected_usd'
>

const optionalDollars = (usd: number | null): string => (usd === null ? '?' : dollars(usd))

/** Columns of text, the first left-aligned, all others right-aligned. */
function toTable(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)),
  )
  const widths = cells[0]!.map((_, index) => Math.max(...cells.map((row) => row[index]!.length)))
  return cells
    .map(([first = '', ...rest]) =>
      [first.padEnd(widths[0]!), ...rest.map((cell, at) => cell.padStart(widths[at + 1]!))].join(
        '  ',
      ),
    )
    .join('\n')
}
