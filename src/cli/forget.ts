import { counted } from '../model/counted.js'
import type { Command } from 'commander'
import type { ForgetReport } from '../archive/forget/forget.js'
import type { ForgetPlan } from '../archive/forget/plan.js'
import type { Taken } from '../archive/forget/state.js'
import { exitCodeOf } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { expandSeeds } from './seed-files.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { plain, printResult, withProgress } from './terminal.js'

interface ForgetFlags extends SharedFlags {
  reason?: string
  dryRun?: boolean
}

/** `afterfeed forget`. */
export function addForget(program: Command): void {
  const command = program
    .command('forget')
    .argument(
      '[seeds...]',
      'user:<id> · user:@<handle> · post:<id or address> · comment:<id> · @file',
    )
    .summary('take a person, a post or a comment out for good')
    .description(
      'Takes people, posts and comments out of the archive for good: rows and their history, media files, logs, ' +
        'and every trace in the kept answers, which are written anew. With a person go their posts, comments and ' +
        'characters; with a post all that hangs below it. They are denied from now on: no import, crawl or ' +
        'rebuild brings them back. Sends no request, and cannot be undone. Stopped anywhere, the same command ' +
        'goes on; until it is done, other commands refuse. Without seeds: goes on, or once more over all that ' +
        'is held, e.g. after a merge with an archive that denies others.',
    )
    .option('--reason <text>', 'why, for the log in the archive; name nobody in it')
    .option('--dry-run', 'count what would go, and change nothing')
    .action((seeds: string[], flags: ForgetFlags) =>
      runCommand(flags, (interruption) => runForget(seeds, flags, interruption)),
    )
  addSharedFlags(command)
}

async function runForget(
  named: readonly string[],
  flags: ForgetFlags,
  { signal, cause, endAtOnce }: Interruption,
): Promise<number> {
  const seeds = await expandSeeds(named)
  const { archive: archiveDir, durability } = await readSettings(flags, process.env)
  if (flags.dryRun) {
    endAtOnce()
    const { planForget } = await import('../archive/forget/plan.js')
    const plan = planForget(archiveDir, seeds)
    printResult(flags, { ...plan, not_reached: notReached }, describePlan(plan))
    return exitCodeOf('done', null)
  }
  const { forget } = await import('../archive/forget/forget.js')
  const report = await withProgress('forget', flags, (show) =>
    forget({
      ...{ archiveDir, seeds, durability, signal, reason: flags.reason ?? null },
      clock: () => Date.now() * 1000,
      onProgress: ({ step, done, total }) => {
        // One long statement of SQLite; stopped in it, the same command goes on.
        endAtOnce(step === 'compact')
        show({ done, total, note: step, fields: { event: 'progress', step, done, total } })
      },
    }),
  )
  printResult(flags, { ...report, not_reached: notReached }, describe(report))
  return exitCodeOf(report.outcome, cause())
}

/** Where a forget in an archive does not reach. */
const notReached = [
  'backups and other copies of the archive: make them anew, or run the same command on each',
  'datasets that were exported before: `export --append` writes each anew, or says why not',
  'what was published: older versions, the history of a repository, and what others took from it',
  'dumps that were imported, and files outside of the archive folder',
  'what others say of them in free words, and videos of others in which they are seen or heard',
]

const amounts = (taken: Taken): string =>
  [
    counted(taken.users, 'person', 'people'),
    counted(taken.posts, 'post'),
    counted(taken.comments, 'comment'),
    counted(taken.drafts, 'draft'),
    `${counted(taken.media_files, 'media file')} (${counted(taken.media_bytes, 'byte')})`,
  ].join(', ')

/** What a handle that nobody has in the archive means. */
const unknownHandles = ({ unknown_handles: handles }: ForgetPlan | ForgetReport): string[] =>
  handles === 0
    ? []
    : [
        `nobody in the archive has ${handles.toLocaleString('en-US')} of the handles: only mentions go. Is it spelled right? ` +
          'Whoever turns up with it later stays, without the handle, until they are named by id: user:<id>',
      ]

const describePlan = (plan: ForgetPlan): string =>
  [
    `would take out: ${amounts(plan)}; at least ${counted(plan.answers, 'answer')} would be written anew.`,
    ...unknownHandles(plan),
    ...lines('not reached', notReached),
  ].join('\n')

function describe(report: ForgetReport): string {
  const { outcome, answers_rewritten, requests_skipped, found_again } = report
  if (outcome === 'interrupted')
    return 'interrupted; they are denied already. Run `afterfeed forget` to take out the rest.'
  const done = [
    `taken out: ${amounts(report)}.`,
    `${counted(answers_rewritten, 'answer')} written anew, ${counted(requests_skipped, 'request')} never sent again; denied from now on.`,
    ...unknownHandles(report),
  ]
  const found = found_again.map((place) => plain(place))
  return outcome === 'done'
    ? [
        ...done,
        'The whole archive was searched: no name is left.',
        ...lines('not reached', notReached),
      ].join('\n')
    : [...done, ...lines('NAMES WERE FOUND AGAIN, please report it', found)].join('\n')
}

const lines = (title: string, items: readonly string[]): string[] => [
  `${title}:`,
  ...items.map((item) => `  ${item}`),
]
