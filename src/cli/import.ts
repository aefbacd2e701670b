import { counted } from '../model/counted.js'
import type { Command } from 'commander'
import type { ImportProgress, ImportReport } from '../import/index.js'
import type { Container } from '../import/piece.js'
import { exitCodeOf } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import {
  plain,
  printResult,
  tellTrouble,
  toColumns,
  withProgress,
  type Progress,
} from './terminal.js'

/** `afterfeed import`. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .argument('<files...>', 'files, folders, patterns; - for what comes through a pipe')
    .summary('bring in answers that you hold')
    .description(
      "Takes answers of TikHub's Sora2 API, in their envelope, or of the Sora app itself: feed, post, tree, " +
        'remixes, profile, drafts, pending tasks. One a file, JSON arrays, a line each (NDJSON), HAR, WARC, ' +
        'WACZ, ZIP, gzip, the data export of Sora with its videos, another archive of afterfeed. What each file is, ' +
        'is found out by its content. Nothing is asked of any API, and the same file twice changes nothing.',
    )
    .addHelpText(
      'after',
      `
What a dump mentions and does not hold: \`afterfeed status --gaps\`, with its
price; \`afterfeed crawl @gaps\` asks for it.
Exit code 5: some of it could not be taken (told, with its place), the rest was.`,
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
  const report = await withProgress('import', flags, (show) =>
    importFiles({
      archiveDir: settings.archive,
      files,
      ...(files.includes('-') ? { stdin: process.stdin } : {}),
      durability: settings.durability,
      secrets: settings.api.key === null ? [] : [settings.api.key],
      signal,
      onProgress: (progress) => show(toProgress(progress)),
    }),
  )
  for (const line of placesTold(report).lines)
    tellTrouble(flags, { event: 'warning', message: line }, plain(line))
  printResult(flags, report, describe(report))
  return exitCodeOf(report.outcome, cause())
}

const mostFilesShown = 20
const mostPlacesShown = 5

/** The first places of the first files: a broken file has thousands of them. */
function placesTold({ bad, total_bad }: ImportReport): { lines: string[]; isAll: boolean } {
  const files = new Map<string, string[]>()
  for (const { file, place, problem } of bad) {
    const places = files.get(file) ?? []
    files.set(file, places)
    places.push(`${file}${place} ${problem}`)
  }
  let told = 0
  const lines = [...files].slice(0, mostFilesShown).flatMap(([file, places]) => {
    const shown = places.slice(0, mostPlacesShown)
    const more = places.length - shown.length
    told += shown.length
    return more > 0 ? [...shown, `${file} has ${counted(more, 'more such place')}`] : shown
  })
  return { lines, isAll: told === total_bad }
}

function toProgress({ rebuild, ...progress }: ImportProgress): Progress {
  if (rebuild !== undefined) {
    const fields = { event: 'progress', step: 'rebuild', ...rebuild }
    return { ...rebuild, note: 'answers read again', fields }
  }
  const { files, totalFiles, bytes, totalBytes, pages } = progress
  return {
    done: Math.round(bytes / 1e6),
    total: Math.round(Math.max(totalBytes, bytes) / 1e6),
    note: `MB · ${files}/${totalFiles} files · ${pages} answers`,
    fields: {
      ...{ event: 'progress', files, total_files: totalFiles },
      ...{ bytes, total_bytes: totalBytes, pages },
    },
  }
}

type Names = readonly [one: string, many: string]

const containerNames: Record<Container, Names> = {
  answer: ['single answer', 'single answers'],
  array: ['array', 'arrays'],
  ndjson: ['NDJSON', 'NDJSON'],
  har: ['HAR', 'HAR'],
  warc: ['WARC', 'WARC'],
  wacz: ['WACZ', 'WACZ'],
  gzip: ['gzip', 'gzip'],
  zip: ['ZIP', 'ZIP'],
  folder: ['folder', 'folders'],
  archive: ['archive', 'archives'],
  video: ['video', 'videos'],
}

/** Counts of containers, or of what was left out, which is named as it is. */
const kindNames: Readonly<Record<string, Names>> = containerNames

const listOf = (counts: Partial<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, times = 0]) => counted(times, ...(kindNames[name] ?? ([name, name] as const))))
    .join(', ')

function describe(report: ImportReport): string {
  const { pages, held, corrected, rebuilt, odd, anomalies, media, media_held, total_bad } = report
  const lines = [
    `Found: ${listOf(report.containers)}.`,
    toColumns(Object.entries(report.answers)),
    `${counted(pages, 'new answer')}, ${held} held already.`,
  ]
  if (corrected > 0)
    lines.push(
      `${corrected} of those held have a truer time now, ${rebuilt ? 'and the tables were built again by it.' : 'but the tables wait to be built again: the same import, or `afterfeed rebuild`, does that.'}`,
    )
  if (report.missing > 0)
    lines.push(`${report.missing} times it is told that something asked for is not there.`)
  if (media + media_held > 0)
    lines.push(`${counted(media, 'new media file')}, ${media_held} held already.`)
  if (report.denied > 0)
    lines.push(
      `${report.denied} names that were forgotten there are denied here, too: \`afterfeed forget\` takes out what is held of them.`,
    )
  if (Object.keys(report.skipped).length > 0) lines.push(`Left out: ${listOf(report.skipped)}.`)
  if (odd > 0)
    lines.push(
      `${counted(odd, 'answer is', 'answers are')} kept without records: table anomalies says why.`,
    )
  if (anomalies > 0)
    lines.push(`${counted(anomalies, 'place')} could not be read as expected: table anomalies.`)
  if (report.outcome === 'interrupted')
    lines.push('Stopped before the end: the same command goes on, and skips what is held.')
  if (total_bad > 0) {
    const { isAll } = placesTold(report)
    const where = isAll ? 'told above' : 'the first of each file are told above, more with --json'
    lines.push(`${counted(total_bad, 'place')} could not be taken (${where}).`)
  }
  return lines.filter((line) => line !== '').join('\n')
}
