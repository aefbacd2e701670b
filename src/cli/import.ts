import type { Command } from 'commander'
import type { ImportReport } from '../import/index.js'
import { exitCodeOf } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { openProgress, printResult, toColumns } from './terminal.js'

/** `afterfeed import`. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .argument('<files...>', 'JSON files')
    .summary('bring in answers that you hold')
    .description(
      "Takes answers of TikHub's Sora2 API, in their envelope, or of the Sora app itself: feed, post, tree, " +
        'remixes, profile, drafts, pending tasks. What each file is, is found out by its content. Nothing is ' +
        'asked of any API, and the same file twice changes nothing.',
    )
    .action((files: string[], flags: SharedFlags) =>
      runCommand(flags, (interruption) => runImport(files, flags, interruption)),
    )
  addSharedFlags(command)
}

async function runImport(
  files: string[],
  flags: SharedFlags,
  { signal, cause }: Interruption,
): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const { importFiles } = await import('../import/index.js')
  const view = await openProgress('import', flags)
  let report: ImportReport
  try {
    report = await importFiles({
      archiveDir: settings.archive,
      files,
      durability: settings.durability,
      signal,
      onProgress: ({ files: done, totalFiles, pages }) =>
        view.show({
          done,
          total: totalFiles,
          note: `files · ${pages} answers`,
          fields: { event: 'progress', files: done, total_files: totalFiles, pages },
        }),
    })
  } finally {
    view.end()
  }
  for (const { file, problem } of report.bad) process.stderr.write(`${file} ${problem}\n`)
  printResult(flags, report, describe(report))
  return exitCodeOf(report.outcome, cause())
}

function describe({ pages, held, anomalies, found, bad }: ImportReport): string {
  const kinds = new Map<string, number>()
  for (const { endpoint } of found) kinds.set(endpoint, (kinds.get(endpoint) ?? 0) + 1)
  const lines = [
    toColumns([...kinds].map(([endpoint, count]) => [endpoint, count])),
    `${pages} new answers, ${held} held already.`,
  ]
  if (anomalies > 0)
    lines.push(`${anomalies} places could not be read as expected: table anomalies.`)
  if (bad.length > 0) lines.push(`${bad.length} files were no answers (told above).`)
  return lines.join('\n')
}
