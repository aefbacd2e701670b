import type { Command } from 'commander'
import type { Finding, VerifyProgress } from '../archive/verify.js'
import { InputError } from '../model/errors.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { plain, printResult, toColumns, withProgress } from './terminal.js'

interface VerifyFlags extends SharedFlags {
  dataset?: string
  datasetOnly?: boolean
  pseudonymKey?: string
}

/** `afterfeed verify`. */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('check the archive, or a dataset, against itself')
    .description(
      'Checks the archive against itself: the file, every body, answers and their bodies, references, counts, every saved media file. ' +
        'With --dataset a package instead: sums, counts, columns, keys, foreign keys, and every value of every format against ' +
        'the archive if there is one. Exit code 0: all holds; 5: not all does.',
    )
    .option('--dataset <dir>', 'a package that export wrote')
    .option('--dataset-only', 'the package alone, without the archive')
    .option('--pseudonym-key <file>', 'of a published package (default: <archive>.pseudonym-key)')
    .action((flags: VerifyFlags) =>
      runCommand(flags, (interruption) => runVerify(flags, interruption)),
    )
  addSharedFlags(command)
}

async function runVerify(flags: VerifyFlags, interruption: Interruption): Promise<number> {
  requireDataset(flags)
  const { signal, cause, endAtOnce } = interruption
  // Of a package, folders of its own are to be taken away.
  if (flags.dataset === undefined) endAtOnce()
  const settings = await readSettings(flags, process.env)
  let findings: Finding[]
  try {
    findings = await withProgress('verify', flags, (show) => {
      let before = ''
      const onProgress = ({ check, done, total }: VerifyProgress) => {
        const fields = { event: 'progress', check, done, total }
        show({ done, total, note: check, fields, isStep: check !== before })
        before = check
      }
      return verify(flags, settings.archive, { signal, onProgress })
    })
  } catch (error) {
    if (!signal.aborted) throw error
    return exitCodeOf('interrupted', cause())
  }
  const lines = findings.map(({ check, problem }) => [check, plain(problem)])
  printResult(
    flags,
    { holds: findings.length === 0, findings },
    findings.length === 0 ? 'all holds' : toColumns(lines),
  )
  return findings.length === 0 ? exitCodes.done : exitCodes.failures
}

/** @throws InputError for a flag that says how to check a package, where none is named */
function requireDataset({ dataset, datasetOnly, pseudonymKey }: VerifyFlags): void {
  if (dataset !== undefined) return
  const flag = datasetOnly ? '--dataset-only' : pseudonymKey === undefined ? '' : '--pseudonym-key'
  if (flag !== '') throw new InputError(`${flag} is for a package: name it with --dataset DIR`)
}

interface Watch {
  signal: AbortSignal
  onProgress: (progress: VerifyProgress) => void
}

async function verify(flags: VerifyFlags, archive: string, watch: Watch): Promise<Finding[]> {
  if (flags.dataset === undefined) {
    const { verifyArchive } = await import('../archive/verify.js')
    return verifyArchive({ archiveDir: archive, ...watch })
  }
  const [{ verifyDataset }, { archivePathIn, hasArchive }] = await Promise.all([
    import('../export/index.js'),
    import('../archive/archive-file.js'),
  ])
  const isCompared = !flags.datasetOnly && (flags.archive !== undefined || hasArchive(archive))
  return verifyDataset({
    datasetDir: flags.dataset,
    ...(isCompared ? { archivePath: archivePathIn(archive) } : {}),
    ...(flags.pseudonymKey === undefined ? {} : { pseudonymKey: flags.pseudonymKey }),
    ...watch,
  })
}
