import { toJsonLine } from '../model/json-line.js'
import type { SharedFlags } from './shared-flags.js'

/** One line of progress, as a bar shows it and as NDJSON tells it. */
export interface Progress {
  done: number
  total: number
  /** Shown behind the bar. */
  note: string
  /** For `--json`. */
  fields: Record<string, unknown>
  /** Told before a step that may take long: drawn at once, while this thread can still draw. */
  isStep?: boolean
}

/** Shows progress: a bar on a terminal, NDJSON with `--json`, nothing with `--quiet`. */
interface ProgressView {
  show(progress: Progress): void
  end(): void
}

const nothing: ProgressView = { show: () => undefined, end: () => undefined }

/** The view that fits the flags and the terminal. */
async function openProgress(name: string, flags: SharedFlags): Promise<ProgressView> {
  if (flags.quiet) return nothing
  if (flags.json)
    return {
      show: ({ fields }) => void process.stderr.write(`${toJsonLine(fields)}\n`),
      end: () => undefined,
    }
  if (!process.stderr.isTTY) return nothing
  const { default: progressBars } = await import('cli-progress')
  const bar = new progressBars.SingleBar({
    format: `${name} {bar} {value}/{total} {note}`,
    // A signal may end the process at any place, and would leave it hidden.
    hideCursor: false,
    barsize: 24,
    linewrap: false,
    clearOnComplete: true,
  })
  let isStarted = false
  return {
    show({ done, total, note, isStep = false }) {
      if (!isStarted) bar.start(total, done, { note })
      isStarted = true
      bar.setTotal(total)
      bar.update(done, { note })
      if (isStep) bar.render()
    },
    end: () => bar.stop(),
  }
}

/** Does work that shows progress, in the view that fits. */
export async function withProgress<Result>(
  name: string,
  flags: SharedFlags,
  work: (show: ProgressView['show']) => Promise<Result>,
): Promise<Result> {
  const view = await openProgress(name, flags)
  try {
    return await work((progress) => view.show(progress))
  } finally {
    view.end()
  }
}

/** What is told on stderr beside progress: that something is wrong, or has ended the command. */
export interface Trouble {
  event: 'warning' | 'error'
  message: string
  /** Of an error. */
  exit_code?: number
}

/** Tells of trouble on stderr: the text, or with `--json` a line of NDJSON. */
export function tellTrouble({ json }: SharedFlags, trouble: Trouble, text: string): void {
  process.stderr.write(`${json ? toJsonLine(trouble) : plainLines(text)}\n`)
}

/** Tells people something on stderr that is neither progress nor trouble; scripts are told nothing. */
export function tellAside({ json, quiet }: SharedFlags, text: string): void {
  if (!json && !quiet) process.stderr.write(`${plainLines(text)}\n`)
}

/** Prints the result: the object with `--json`, else the text. */
export function printResult(flags: SharedFlags, result: object, text: string): void {
  process.stdout.write(`${flags.json ? toJsonLine(result) : plainLines(text)}\n`)
}

const isNumber = (cell: string | number): boolean => typeof cell === 'number'

/** Columns of text, left-aligned but for those cells that are `isRight`: numbers, if nobody says otherwise. */
export function toColumns(
  rows: readonly (readonly (string | number)[])[],
  isRight: (cell: string | number, place: number) => boolean = isNumber,
): string {
  const texts = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)),
  )
  const widths: number[] = []
  for (const row of texts)
    for (const [place, { length }] of row.entries())
      widths[place] = Math.max(widths[place] ?? 0, length)
  const padded = (text: string, place: number, cell: string | number): string =>
    isRight(cell, place) ? text.padStart(widths[place]!) : text.padEnd(widths[place]!)
  const lines = texts.map((row, line) =>
    row.map((text, place) => padded(text, place, rows[line]![place]!)).join('  '),
  )
  return lines.map((line) => line.trimEnd()).join('\n')
}

/** `$0.05`, `$1,250.00`. */
export const dollars = (usd: number): string =>
  `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`

/** `12.3 MB`. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** An instant in microseconds, to the second. */
export const instant = (micros: number): string =>
  new Date(micros / 1000).toISOString().replace(/\.\d+Z$/, 'Z')

/** One line without signs that a terminal would obey: texts of answers may hold anything. */
export const plain = (text: string | null): string =>
  (text ?? '').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ')

/** The same of several lines: whatever is shown goes through here. */
const plainLines = (text: string): string => text.split('\n').map(plain).join('\n')
