import type { Command } from 'commander'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { numbers, toNumber } from './numbers.js'
import { runCommand, type Interruption } from './run-command.js'
import type { SharedFlags } from './shared-flags.js'

/** The flags of `afterfeed demo`. */
export interface DemoFlags extends SharedFlags {
  out: string
  posts: number
  seed: number
}

/** `afterfeed demo`. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('all of it in one go, nothing but this machine needed')
    .description(
      'Serves a local API in the background, crawls its feed with all threads and remixes, imports a small ' +
        'dump, and exports Parquet and SQLite. What a former demo left in its folders is replaced.',
    )
    .option('--out <dir>', 'where to', 'data/demo')
    .option('--posts <n>', 'posts in the feed', toNumber(numbers.count), 210)
    .option('--seed <n>', 'another seed, another network', toNumber(numbers.count), 1)
    .option('--archive <dir>', 'the archive folder, a former demo or new (default: DIR/archive)')
    .option('--config <file>', 'settings in YAML; see config/default.yaml')
    .option('--json', 'progress as NDJSON on stderr, one result object on stdout')
    .option('--quiet', 'no progress')
    .action((flags: DemoFlags) => runCommand(flags, (interruption) => show(flags, interruption)))
}

async function show(flags: DemoFlags, { signal, cause }: Interruption): Promise<number> {
  const { runDemo } = await import('./run-demo.js')
  try {
    await runDemo(flags, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    return exitCodeOf('interrupted', cause())
  }
  return exitCodes.done
}
