import type { Command } from 'commander'
import type { BackupProgress, BackupReport } from '../archive/backup.js'
import { commandLine } from './command-line.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { printResult, tellAside, withProgress, type Progress } from './terminal.js'

/** `afterfeed backup`. */
export function addBackup(program: Command): void {
  const command = program
    .command('backup')
    .argument('<dir>', 'a folder without an archive; it is made')
    .summary('copy the archive, also while a crawl writes to it')
    .description(
      'Copies the archive as it is at one instant, with its media files: checked, and under its final name ' +
        'only once it is whole. The copy is an archive like any other: name it with --archive.',
    )
    .action((dir: string, flags: SharedFlags) =>
      runCommand(flags, (interruption) => runBackup(dir, flags, interruption)),
    )
  addSharedFlags(command)
}

async function runBackup(
  outDir: string,
  flags: SharedFlags,
  { signal, cause }: Interruption,
): Promise<number> {
  const { archive: archiveDir } = await readSettings(flags, process.env)
  const { backupArchive } = await import('../archive/backup.js')
  const report = await withProgress('backup', flags, (show) => {
    const onProgress = (progress: BackupProgress) => show(toProgress(progress))
    return backupArchive({ archiveDir, outDir, signal, onProgress })
  })
  if (report === null) {
    tellAside(flags, describeStop(outDir))
    return exitCodeOf('interrupted', cause())
  }
  printResult(flags, report, describe(report))
  return report.media_missing_files > 0 ? exitCodes.failures : exitCodes.done
}

const notes: Record<BackupProgress['step'], string> = {
  database: 'bytes of the database',
  check: 'checking the copy',
  media: 'media files',
}

const toProgress = ({ step, done, total }: BackupProgress): Progress => ({
  done,
  total,
  note: notes[step],
  fields: { event: 'progress', step, done, total },
})

const describeStop = (outDir: string): string =>
  `interrupted: no archive was made. Run \`${commandLine(process.argv.slice(2))}\` again: it copies the ` +
  `database anew, and takes the media files that are in ${outDir} already.`

const count = (number: number): string => number.toLocaleString('en')

function describe(report: BackupReport): string {
  const { path, bytes, rows, media_files, media_missing_files, media_missing } = report
  const all = Object.values(rows).reduce((sum, each) => sum + each, 0)
  const lines = [
    `${path}: ${count(bytes)} bytes, ${count(all)} rows, ${count(media_files)} media files; checked.`,
  ]
  if (media_missing_files > 0)
    lines.push(
      `${count(media_missing_files)} media files are named by the archive and not in it, e.g. ${media_missing[0]}.`,
    )
  return lines.join('\n')
}
