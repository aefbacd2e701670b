import type { Command } from 'commander'
import type { ExportReport, FormatName } from '../export/index.js'
import { exitCodes } from './exit-codes.js'
import { runCommand } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { openProgress, printResult, toColumns } from './terminal.js'

interface ExportFlags extends SharedFlags {
  out: string
  format?: string
  tables?: string
  withSignedUrls?: boolean
  withLog?: boolean
}

/** `afterfeed export`. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write Parquet and SQLite')
    .description(
      'Writes DIR/data/<table>.parquet and DIR/dataset.sqlite from one snapshot; works while a crawl runs. ' +
        'URLs leave without their signatures.',
    )
    .requiredOption('--out <dir>', 'where to; a former export there is replaced')
    .option('--format <list>', 'of parquet,sqlite only these')
    .option('--tables <list>', 'only these tables')
    .option('--with-signed-urls', 'keep signatures of URLs: for yourself, not for others')
    .option('--with-log', 'also runs, calls, lists and anomalies')
    .action((flags: ExportFlags) => runCommand(flags, ({ signal }) => runExport(flags, signal)))
  addSharedFlags(command)
}

async function runExport(flags: ExportFlags, signal: AbortSignal): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const [{ exportDataset }, { archivePathIn }] = await Promise.all([
    import('../export/index.js'),
    import('../archive/archive.js'),
  ])
  const view = await openProgress('export', flags)
  let report: ExportReport
  try {
    report = await exportDataset({
      archivePath: archivePathIn(settings.archive),
      outDir: flags.out,
      ...(flags.format ? { formats: flags.format.split(',') as FormatName[] } : {}),
      ...(flags.tables ? { tables: flags.tables.split(',') } : {}),
      withSignedUrls: flags.withSignedUrls ?? false,
      withLog: flags.withLog ?? false,
      signal,
      onProgress: ({ table, format, rows, totalRows }) =>
        view.show({
          done: rows,
          total: totalRows,
          note: `${format} ${table}`,
          fields: { event: 'progress', table, format, rows, total_rows: totalRows },
        }),
    })
  } finally {
    view.end()
  }
  const rows = report.files.map(({ path, rows, bytes }) => [path, rows, bytes])
  printResult(flags, report, toColumns([['file', 'rows', 'bytes'], ...rows]))
  return exitCodes.done
}
