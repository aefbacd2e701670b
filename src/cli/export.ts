import { InvalidArgumentError, Option, type Command } from 'commander'
import type {
  ExportOptions,
  ExportProgress,
  ExportReport,
  FormatName,
  ParquetKind,
  PublishError,
} from '../export/index.js'
import { parquetKinds, plainFormats } from '../export/format.js'
import { InputError } from '../model/errors.js'
import { profiles, tombstoneKinds, type Profile, type Tombstones } from '../model/profiles.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { numbers, toNumber } from './numbers.js'
import { runCommand, type Interruption } from './run-command.js'
import { withoutSecrets } from './secrets.js'
import { expandSeeds } from './seed-files.js'
import { readSettings } from './settings.js'
import { addSharedFlags, toMicros, type SharedFlags } from './shared-flags.js'
import { readTextFile } from './text-file.js'
import {
  printResult,
  tellAside,
  tellTrouble,
  toColumns,
  withProgress,
  type Progress,
} from './terminal.js'

interface ExportFlags extends SharedFlags {
  out: string
  format?: string[]
  tables?: string[]
  since?: number
  until?: number
  seeds?: string[]
  parquet?: ParquetKind
  partRows?: number
  warcBytes?: number
  byMonth?: boolean
  csvSafe?: boolean
  append?: boolean
  name?: string
  title?: string
  creator?: string[]
  url?: string
  notes?: string
  license?: string
  publish?: boolean
  profile?: Profile
  tombstones?: Tombstones
  pseudonymKey?: string
  withSignedUrls?: boolean
  withLog?: boolean
}

/** `afterfeed export`. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .summary('write a dataset: Parquet, SQLite, CSV, NDJSON, Arrow, GraphML, WARC, WACZ')
    .description(
      'Writes a dataset package from one snapshot: DIR/data/<table>.parquet, DIR/dataset.sqlite, and what ' +
        'describes them; works while a crawl runs. URLs leave without their signatures. ' +
        'The same archive and options give the same bytes.',
    )
    .requiredOption('--out <dir>', 'where to; a former export there is replaced')
    .option(
      '--format <list>',
      `of ${plainFormats.join(',')}; edges,graphml: graph/remixes.parquet, .graphml and those ` +
        'of replies, follows, cameos; threads: data/threads.parquet, a row a post with its whole ' +
        'thread as lists; warc,wacz: the answers themselves (default: parquet,sqlite)',
      toList,
    )
    .option('--tables <list>', 'only these tables, e.g. posts,comments', toList)
    .option(
      '--since <date>',
      'only posts from this day on, e.g. 2025-10-15, and what hangs below them',
      toMicros,
    )
    .option('--until <date>', 'only posts before this day, and what hangs below them', toMicros)
    .option('--seeds <list>', 'only what was reached from these seeds; @file: one a line', toList)
    .addOption(
      new Option('--parquet <kind>', 'compat: plain pages and SNAPPY, for old readers').choices(
        parquetKinds,
      ),
    )
    .option(
      '--part-rows <n>',
      'rows of a part of a large table (default: 1000000)',
      toNumber(numbers.size),
    )
    .option('--warc-bytes <n>', 'size of a WARC file (default: 1000000000)', toNumber(numbers.size))
    .option('--by-month', 'lay out Parquet as data/posts/month=2025-10/…')
    .option('--csv-safe', 'make text harmless that spreadsheets take for a formula')
    .option('--append', 'bring an earlier package up to date; what is the same stays untouched')
    .option('--license <spdx>', 'e.g. CC-BY-4.0; without it none is chosen, and the card says so')
    .option('--name <name>', 'name of the package (default: sora2-feed)')
    .option('--title <text>', 'title of the dataset')
    .option(
      '--creator <text>',
      'who made it; once for each of several',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--url <address>', 'where it is published')
    .option('--notes <file>', 'your own words for the card (Markdown), e.g. on ethics and contact')
    .option('--publish', 'what others may see: pseudonyms, nothing private; the profile research')
    .addOption(
      new Option('--profile <name>', 'full (for yourself), research, ids (dehydrated)').choices(
        profiles,
      ),
    )
    .addOption(
      new Option(
        '--tombstones <how>',
        'deleted posts and comments: as held, without words and files, or none of them',
      ).choices(tombstoneKinds),
    )
    .option('--pseudonym-key <file>', 'key of the pseudonyms (default: <archive>.pseudonym-key)')
    .option('--with-signed-urls', 'keep signatures of URLs: for yourself, not for others')
    .option('--with-log', 'also runs, calls, lists and anomalies')
    .action((flags: ExportFlags) =>
      runCommand(flags, (interruption) => runExport(flags, interruption)),
    )
  addSharedFlags(command)
}

function toList(text: string): string[] {
  const list = text.split(',').filter((each) => each !== '')
  if (list.length === 0) throw new InvalidArgumentError('expected a list')
  return list
}

/** Seeds with the requests they begin with. */
async function toSeeds(seeds: readonly string[]): Promise<NonNullable<ExportOptions['seeds']>> {
  const { toSeedRequest } = await import('../crawl/seeds.js')
  return (await expandSeeds(seeds)).map((seed) => {
    const request = toSeedRequest(seed)
    if (request === null) throw new InputError(`${seed} stands for many requests; name their seeds`)
    return { seed, ...request }
  })
}

/** The options that flags of the same name give. */
function toOptions(flags: ExportFlags): Omit<ExportOptions, 'archivePath'> {
  const { since, until, parquet, name, title, creator, url, license } = flags
  const { byMonth, csvSafe, withSignedUrls, withLog, append, partRows, warcBytes } = flags
  const { tombstones, pseudonymKey } = flags
  const named = {
    ...{ since, until, parquet, name, title, creator, url, license },
    ...{ profile: toProfile(flags), tombstones, pseudonymKey },
    ...{ byMonth, csvSafe, withSignedUrls, withLog, append, rowsPerPart: partRows },
    bytesPerWarc: warcBytes,
    formats: flags.format as FormatName[] | undefined,
    tables: flags.tables,
  }
  const given = Object.entries(named).filter(([, value]) => value !== undefined)
  return { outDir: flags.out, ...(Object.fromEntries(given) as Partial<ExportOptions>) }
}

/** @throws InputError if the file cannot be read */
async function toNotes({ notes }: ExportFlags): Promise<Pick<ExportOptions, 'notes'>> {
  if (notes === undefined) return {}
  try {
    return { notes: await readTextFile(notes) }
  } catch (error) {
    throw new InputError(`--notes: ${notes} cannot be read: ${(error as Error).message}`)
  }
}

/** @throws InputError where both say something else */
function toProfile({ publish, profile }: ExportFlags): Profile | undefined {
  if (publish && profile === 'full')
    throw new InputError('the profile full is for yourself: leave out --publish, or name another')
  return publish ? (profile ?? 'research') : profile
}

async function runExport(flags: ExportFlags, { signal, cause }: Interruption): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const [{ exportDataset, requireEffects, PublishError }, { archivePathIn }] = await Promise.all([
    import('../export/index.js'),
    import('../archive/archive-file.js'),
  ])
  const seeds = flags.seeds === undefined ? {} : { seeds: await toSeeds(flags.seeds) }
  const options = { ...toOptions(flags), ...(await toNotes(flags)) }
  // What an append does not name is as in the package that it goes on from.
  if (!flags.append) requireEffects({ ...options, ...seeds })
  let report: ExportReport
  try {
    report = await withProgress('export', flags, (show) =>
      exportDataset({
        archivePath: archivePathIn(settings.archive),
        ...options,
        ...seeds,
        secrets: settings.api.key === null ? [] : [settings.api.key],
        signal,
        onProgress: (progress) => show(toProgress(progress)),
      }),
    )
  } catch (error) {
    if (error instanceof PublishError) return tellRefusal(error, flags)
    if (!signal.aborted) throw error
    tellAside(flags, `interrupted; ${flags.out} is as it was`)
    return exitCodeOf('interrupted', cause())
  }
  const rows = report.files.map(({ path, rows, bytes }) => [path, rows ?? '', bytes])
  const table = toColumns([['file', 'rows', 'bytes'], ...rows])
  printResult(flags, toResult(report), `${table}\nversion ${report.version}`)
  return exitCodes.done
}

/** In snake_case, as what every command prints. */
const toResult = ({ outDir, ...report }: ExportReport) => ({ out_dir: outDir, ...report })

/** A bar of all rows; behind it what is under way. */
function toProgress(progress: ExportProgress): Progress {
  const { table, format, step, rows, totalRows: total_rows, done, total } = progress
  const many = total_rows > 0 ? ` ${rows}/${total_rows}` : rows > 0 ? ` ${rows}` : ''
  return {
    ...{ done, total, isStep: step !== null },
    note: step === null ? `rows · ${format} ${table}` : `rows · ${format} ${table}: ${step}${many}`,
    fields: { event: 'progress', table, format, step, rows, total_rows, done, total },
  }
}

/** What was written does not hold, as in `verify`: exit code 5. */
function tellRefusal({ message }: PublishError, flags: SharedFlags): number {
  const told = withoutSecrets(message)
  const exit_code = exitCodes.failures
  tellTrouble(flags, { event: 'error', message: told, exit_code }, `afterfeed: ${told}`)
  return exit_code
}
