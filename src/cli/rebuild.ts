import type { Command } from 'commander'
import type { RebuildReport } from '../archive/rebuild.js'
import { exitCodeOf } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { printResult, withProgress } from './terminal.js'

/** `afterfeed rebuild`. */
export function addRebuild(program: Command): void {
  const command = program
    .command('rebuild')
    .summary('fill all tables again from the kept answers')
    .description(
      'Empties every derived table and fills it again from the kept answers, with the readers of this version: ' +
        'after an update, or to prove that nothing else is in them. Sends no request. Stopped anywhere, the ' +
        'same command goes on; until it is done, other commands refuse, but for import, which finishes it first.',
    )
    .action((flags: SharedFlags) =>
      runCommand(flags, (interruption) => runRebuild(flags, interruption)),
    )
  addSharedFlags(command)
}

async function runRebuild(flags: SharedFlags, { signal, cause }: Interruption): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const { rebuild } = await import('../archive/rebuild.js')
  const report = await withProgress('rebuild', flags, (show) =>
    rebuild({
      archiveDir: settings.archive,
      durability: settings.durability,
      clock: () => Date.now() * 1000,
      signal,
      onProgress: ({ done, total }) =>
        show({ done, total, note: 'answers', fields: { event: 'progress', done, total } }),
    }),
  )
  printResult(flags, report, describe(report))
  return exitCodeOf(report.outcome, cause())
}

const describe = ({ outcome, entries, total, rows }: RebuildReport): string =>
  outcome === 'done'
    ? `done: ${entries} answers and ends read again, ${rows} rows.`
    : `interrupted after ${entries} of ${total}; run \`afterfeed rebuild\` to go on.`
