import { Option, type Command } from 'commander'
import { endpointOf, endpoints } from '../model/endpoints.js'
import { InputError } from '../model/errors.js'
import { extraNames, extraSteps, type ExtraName } from '../model/extras.js'
import { defaultOrder, orders, type Order } from '../model/order.js'
import { threadSteps } from '../model/walk-plan.js'
import { addCallFlags, callOptions, pricesOf, type CallFlags } from './call-flags.js'
import { commandLine } from './command-line.js'
import { CrawlExport } from './crawl-export.js'
import { jointOutcome, mediaBeside } from './crawl-media.js'
import { describeCrawl, describePlan, resultOf, toProgress } from './crawl-words.js'
import { describeMedia } from './media.js'
import { expandSeeds } from './seed-files.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { listed } from './help-text.js'
import { numbers, toNumber } from './numbers.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings, type Settings } from './settings.js'
import { addSharedFlags, toLimits, toMicros, toNames } from './shared-flags.js'
import { printResult, withProgress } from './terminal.js'

interface CrawlFlags extends CallFlags {
  retryFailed?: boolean
  refresh?: boolean
  with?: string[]
  maxPages?: Record<string, number>
  maxDepth?: Record<string, number>
  since?: number
  until?: number
  concurrency?: number
  only?: string[]
  order?: Order
  dryRun?: boolean
  media?: boolean
  export?: string
}

const listSteps = endpoints.filter(({ paged }) => paged).map(({ step }) => step)

const readUsd = endpointOf('get_feed').priceUsd

const goesFirst: Record<Order, string> = {
  thread: 'the next whole thread',
  breadth: 'the first planned',
  depth: 'the last planned',
  yield: 'the most rows a dollar',
}

/** `afterfeed crawl`. */
export function addCrawl(program: Command): void {
  const command = addCallFlags(program.command('crawl'))
    .argument('[seeds...]', 'where to begin; none: go on with what is unfinished')
    .summary('walk the API from the seeds, or go on')
    .description(
      'Walks feed → posts → comments → replies → remixes by cursors and saves every answer. Asks for ' +
        `nothing that is held, nor for what counters announce as empty. Each call costs $${readUsd} (task: free). ` +
        'Stopped anywhere, the same command goes on.',
    )
    .option(
      '--with <list>',
      'after the walk also these extra steps (below), e.g. profiles,ancestors',
      toNames(extraNames),
    )
    .option('--refresh', 'a new pass over the seeds: asks for what can have changed')
    .option('--retry-failed', 'ask anew what failed for good')
    .option('--max-pages <list>', 'pages of a list at most, e.g. feed=20', toLimits(listSteps))
    .option(
      '--max-depth <list>',
      'levels at most, e.g. remixes=3,replies=2',
      toLimits(['remixes', 'replies']),
    )
    .option('--since <date>', 'threads of posts from this day on (UTC), e.g. 2025-10-15', toMicros)
    .option('--until <date>', 'threads of posts before this day (UTC)', toMicros)
    .option(
      '--concurrency <n>',
      'calls under way at a time (default: 4)',
      toNumber(numbers.parallel),
    )
    .option('--only <list>', `of ${threadSteps.join(',')} only these`, toNames(threadSteps))
    .addOption(
      new Option(
        '--order <name>',
        `what goes first: ${orders.map((each) => goesFirst[each]).join(', ')} (default: ${defaultOrder})`,
      ).choices(orders),
    )
    .option('--media', 'saves media files beside the walk, the soonest-expiring first')
    .option('--export <dir>', 'writes a dataset at the end, and in time before links end')
    .option('--dry-run', 'shows what is pending and what it is likely to cost; sends nothing')
    .addHelpText(
      'after',
      `
Seeds: feed · post:<id or address> · user:<id> · appearances:<user id> ·
  followers:<user id> · following:<user id> · leaderboard · search:<text> ·
  task:<id> · generation:<id> · @gaps (what imports mention and do not hold) ·
  @file (one seed a line; blank lines and # aside). In PowerShell: '@gaps'
Extra steps, off unless named, $${readUsd} a call like all reading:
${listed(Object.fromEntries(extraSteps.map(({ name, about }) => [name, about])))}
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
  { signal, cause, endAtOnce }: Interruption,
): Promise<number> {
  if (flags.dryRun) endAtOnce()
  const settings = await readSettings(flags, process.env)
  const seeds = await expandSeeds(words)
  if (flags.dryRun) return runDry(seeds, flags, settings)
  const { crawl } = await import('../crawl/crawl.js')
  const exporting = flags.export ? new CrawlExport(flags.export, settings, signal) : null
  await exporting?.check()
  const media = flags.media ? mediaBeside(settings) : null
  const report = await withProgress('crawl', flags, (show) =>
    crawl({
      ...callOptions(flags, settings),
      seeds,
      limits: limitsOf(flags, settings),
      retryFailed: flags.retryFailed ?? false,
      extras: extrasOf(flags, settings),
      ...refreshOf(flags, settings),
      order: flags.order ?? settings.order,
      weights: settings.weights,
      concurrency: flags.concurrency ?? settings.api.concurrency,
      signal,
      onPlanning: endAtOnce,
      ...(media === null ? {} : { beside: media.beside }),
      onProgress: (progress) => {
        show(toProgress(progress, media?.progress() ?? null))
        exporting?.watch(progress.nearestDeadline, progress.pages)
      },
    }),
  )
  const isExported = (await exporting?.finish()) ?? false
  const saved = media?.report() ?? null
  const outcome = saved === null ? report.outcome : jointOutcome(report.outcome, saved.outcome)
  const goOn = commandLine(process.argv.slice(2))
  const lines = [
    describeCrawl(report, goOn),
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

const refreshOf = (flags: CrawlFlags, { refresh }: Settings) => ({
  refresh: flags.refresh ?? false,
  secondLook: { youngHours: refresh.young_h, afterHours: refresh.second_look_after_h },
})

/** @throws InputError where no post can be between the days */
function limitsOf({ only, maxPages, maxDepth, since, until }: CrawlFlags, { refresh }: Settings) {
  if (since !== undefined && until !== undefined && since >= until)
    throw new InputError('--since is not before --until: no post can be in between')
  return {
    knownRun: refresh.known_run,
    recheckMissing: refresh.recheck_missing,
    only: only ? new Set(only) : null,
    maxPages: maxPages ?? {},
    maxDepth: maxDepth ?? {},
    since: since ?? null,
    until: until ?? null,
  }
}
