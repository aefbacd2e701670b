import { counted } from '../model/counted.js'
import type { Command } from 'commander'
import type { MediaProgress, MediaReport } from '../media/index.js'
import { variantNames } from '../media/variants.js'
import { addCallFlags, callOptions, type CallFlags } from './call-flags.js'
import { commandLine } from './command-line.js'
import { exitCodeOf } from './exit-codes.js'
import { filled } from './help-text.js'
import { toMediaSettings } from './media-settings.js'
import { numbers, toNumber } from './numbers.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings } from './settings.js'
import { addSharedFlags, toNames } from './shared-flags.js'
import {
  dollars,
  instant,
  megabytes,
  printResult,
  withProgress,
  type Progress,
} from './terminal.js'

interface MediaFlags extends CallFlags {
  variants?: string[]
  concurrency?: number
  bandwidth?: number
  renew: boolean
}

/** `afterfeed media`. */
export function addMedia(program: Command): void {
  const command = addCallFlags(program.command('media'))
    .summary('save the files behind posts before their links end')
    .description(
      'Saves videos, thumbnails and whatever else is wanted, the soonest-expiring first: whole or not at all, ' +
        'checked, each content once. A link that has ended is renewed by one paid call for all files of a post. ' +
        'Stopped anywhere, the same command goes on, in the middle of a file where the server allows.',
    )
    .option(
      '--variants <list>',
      'what is wanted, e.g. source_wm,thumbnail,captions',
      toNames(variantNames),
    )
    .option('--concurrency <n>', 'files at a time (default: 6)', toNumber(numbers.parallel))
    .option('--bandwidth <mb>', 'MB a second at most; 0: no limit', toNumber(numbers.speed))
    .option('--no-renew', 'pays for no fresh links')
    .addHelpText(
      'after',
      `
${filled(`Variants: ${variantNames.join(', ')}.`)}
  source_wm is the watermarked original, under whichever key it is told;
  captions are srt and vtt, avatars profile_picture; any other is that very key.
Only hosts of media.hosts in the config file are asked.
\`afterfeed status --media\` shows what waits, and until when.`,
    )
    .action((flags: MediaFlags) =>
      runCommand(flags, (interruption) => runMedia(flags, interruption)),
    )
  addSharedFlags(command)
}

async function runMedia(flags: MediaFlags, { signal, cause }: Interruption): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const { saveMedia } = await import('../media/index.js')
  const { concurrency } = flags
  const report = await withProgress('media', flags, (show) =>
    saveMedia({
      ...callOptions(flags, settings),
      ...toMediaSettings(settings.media, flags),
      ...(concurrency === undefined ? {} : { concurrency }),
      signal,
      onProgress: (progress) => show(toProgress(progress)),
    }),
  )
  printResult(flags, report, describeMedia(report, commandLine(process.argv.slice(2))))
  return exitCodeOf(report.outcome, cause())
}

/** Where saving stands, for the bar and for NDJSON. */
export function toProgress(progress: MediaProgress): Progress {
  const { files, totalFiles, bytes, totalBytes, bytesPerSecond, atRisk } = progress
  const { nearestDeadline, lost, failed, refused } = progress
  const isKnown = Number.isFinite(bytesPerSecond)
  const nearest = nearestDeadline === null ? null : instant(nearestDeadline)
  const notes = [
    `files · ${megabytes(bytes)} of ${megabytes(totalBytes)}`,
    ...(isKnown ? [`${megabytes(bytesPerSecond)}/s`] : []),
    ...(atRisk > 0 ? [`${atRisk} at risk`] : []),
    ...(nearest === null ? [] : [`first link ends ${nearest}`]),
  ]
  return {
    done: files,
    total: totalFiles,
    note: notes.join(' · '),
    fields: {
      ...{ event: 'progress', files, total_files: totalFiles, bytes, total_bytes: totalBytes },
      bytes_per_second: isKnown ? bytesPerSecond : null,
      at_risk: atRisk,
      nearest_deadline: nearest,
      ...{ lost, failed, refused },
    },
  }
}

/** How a run ended, in lines. */
export function describeMedia(report: MediaReport, goOn: string): string {
  const { outcome, message, files, saved_files, received_bytes, requests_sent, cost_usd } = report
  const lines = [
    outcome === message ? outcome : `${outcome}: ${message}`,
    `${counted(saved_files, 'file')} saved (${megabytes(received_bytes)} received), ` +
      `${counted(requests_sent, 'call')} for fresh links, ${dollars(cost_usd)}. The archive holds ${counted(files.saved, 'file')}.`,
  ]
  const missing = files.lost + files.failed + files.refused
  if (missing > 0)
    lines.push(
      `${files.lost} lost, ${files.failed} failed, ${files.refused} refused: ` +
        '`afterfeed status --media` says why.',
    )
  // A run that came to its end leaves only what is wanted no more: of other variants, under former names.
  const isOver = outcome === 'done' || outcome === 'failures'
  if (files.wanted > 0 && !isOver)
    lines.push(`${counted(files.wanted, 'file is', 'files are')} waiting. To go on: ${goOn}`)
  return lines.join('\n')
}
