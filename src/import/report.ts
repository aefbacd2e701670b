import type { Outcome } from '../archive/run-log.js'
import type { Container } from './piece.js'

/** Something that should be ours and could not be taken: where, and why. */
export interface BadPlace {
  file: string
  /** Where in the file; empty for the file itself. */
  place: string
  problem: string
}

/** How often each of several things was met. */
export type Counts = Record<string, number>

/** What was found in one file. */
export interface FileReport {
  file: string
  containers: Partial<Record<Container, number>>
  /** Answers by endpoint, the ones that were held included. */
  answers: Counts
  pages: number
  held: number
  /** Answers that something is not there, from an archive or a WARC of ours, the ones that were held included. */
  missing: number
  /** What was none of ours, by reason. */
  skipped: Counts
  bad: number
}

/** What an import did. */
export interface ImportReport {
  outcome: Outcome
  /** Answers that are new to the archive. */
  pages: number
  /** Answers that it held already. */
  held: number
  /** Those of them whose time was corrected: this time a better clock told it. */
  corrected: number
  /** The tables were built again, since times were corrected. */
  rebuilt: boolean
  /** Answers that something is not there, from archives and WARCs of ours, the ones that were held included. */
  missing: number
  /** New answers that are kept without records. */
  odd: number
  /** Places in the new answers that could not be read as expected. */
  anomalies: number
  /** Videos and pictures that are new, and that were held. */
  media: number
  media_held: number
  /** Names that another archive denies, and that are denied here, too, from now on. */
  denied: number
  containers: Partial<Record<Container, number>>
  answers: Counts
  skipped: Counts
  /** The first thousands of files, each by itself. */
  files: FileReport[]
  total_files: number
  /** The first thousands of places. */
  bad: BadPlace[]
  total_bad: number
}

const mostTold = 10_000
const mostKinds = 100

/** Counts what an import finds, over all and file by file. */
export class Tally {
  readonly report: ImportReport = {
    ...{ outcome: 'done', pages: 0, held: 0, corrected: 0, rebuilt: false },
    ...{ missing: 0, odd: 0, anomalies: 0, media: 0, media_held: 0, denied: 0 },
    ...{
      containers: {},
      answers: {},
      skipped: {},
      files: [],
      total_files: 0,
      bad: [],
      total_bad: 0,
    },
  }
  private file: FileReport = blankFile('')

  /** What follows is of this file. */
  begin(file: string): FileReport {
    this.goOn(blankFile(file))
    this.report.total_files += 1
    if (this.report.files.length < mostTold) this.report.files.push(this.file)
    return this.file
  }

  /** What follows is of a file that was begun before; of none, if no file is named. */
  goOn(file: FileReport = blankFile('')): void {
    this.file = file
  }

  found(container: Container): void {
    count(this.file.containers, container)
    count(this.report.containers, container)
  }

  /** A file can name reasons without end, e.g. by the types of its records. */
  skipped(reason: string, times = 1): void {
    const { skipped } = this.report
    const isOneMore = !Object.hasOwn(skipped, reason) && Object.keys(skipped).length >= mostKinds
    const kind = isOneMore ? 'of other kinds' : reason
    count(this.file.skipped, kind, times)
    count(skipped, kind, times)
  }

  bad(file: string, place: string, problem: string): void {
    this.file.bad += 1
    this.report.total_bad += 1
    if (this.report.bad.length < mostTold) this.report.bad.push({ file, place, problem })
  }

  answer(endpoint: string): void {
    count(this.file.answers, endpoint)
    count(this.report.answers, endpoint)
  }

  held(isCorrected = false): void {
    this.file.held += 1
    this.report.held += 1
    if (isCorrected) this.report.corrected += 1
  }

  saved({ isOdd, anomalies }: { isOdd: boolean; anomalies: number }): void {
    this.file.pages += 1
    this.report.pages += 1
    this.report.anomalies += anomalies
    if (isOdd) this.report.odd += 1
  }

  missing(): void {
    this.file.missing += 1
    this.report.missing += 1
  }

  denied(names: number): void {
    this.report.denied += names
  }

  media(isNew: boolean): void {
    if (isNew) this.report.media += 1
    else this.report.media_held += 1
  }
}

const blankFile = (file: string): FileReport => ({
  ...{ file, containers: {}, answers: {}, pages: 0, held: 0, missing: 0, skipped: {}, bad: 0 },
})

/** `2 not ours, 1 empty`. */
export const inWords = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, times]) => `${times} ${name}`)
    .join(', ')

function count<Name extends string>(
  counts: Partial<Record<Name, number>>,
  name: Name,
  times = 1,
): void {
  counts[name] = (counts[name] ?? 0) + times
}

/** True if nothing of ours was found; an archive that was read to its end is ours, however little it holds. */
export const isNothing = (report: ImportReport): boolean => {
  const { pages, held, missing, media, media_held, denied, containers, total_bad } = report
  const isWholeArchive = containers.archive !== undefined && total_bad === 0
  return pages + held + missing + media + media_held + denied === 0 && !isWholeArchive
}

const mostReasons = 20

/** Why nothing was taken: the first places that are broken, else the reasons why files were left out. */
export const nothingTaken = ({ bad, total_bad, skipped }: ImportReport): string => {
  const told = bad.slice(0, mostReasons)
  const more = total_bad - told.length
  const lines = told.map(({ file, place, problem }) => `${file}${place} ${problem}`)
  if (more > 0) lines.push(`and ${more} more such places`)
  if (lines.length > 0) return lines.join('\n')
  const reasons = inWords(skipped)
  return reasons === '' ? 'no file was named' : `no answer was found (${reasons})`
}
