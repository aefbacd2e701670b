import { addImportedAbsence, type ImportedAbsence } from '../archive/save-imported-page.js'
import { redactBytes } from '../model/redact.js'
import { absenceIdOf } from '../model/response-id.js'
import type { AnswerGroup } from './answer-group.js'
import type { Input } from './inputs.js'
import type { Piece, ToldAbsence } from './piece.js'
import { isPossible, readAnswer, type Answer } from './read-answer.js'
import { inWords, type FileReport, type Tally } from './report.js'
import type { Target } from './target.js'
import type { Videos } from './videos.js'

/** Where the pieces of one file go. */
export interface PieceImport {
  target: Target
  group: AnswerGroup
  videos: Videos
  tally: Tally
  clock: () => number
  /** Taken out of every answer before it is kept. */
  secrets: readonly string[]
}

type Text = Extract<Piece, { kind: 'text' }>

/** Keys of answers of ours. */
const ownKeys = /"(router|items|post|profile|children|generation_id|task_id|user_id|posted_at)"\s*:/

const seemsOurs = (bytes: Buffer): boolean =>
  ownKeys.test(bytes.subarray(0, 2 ** 16).toString('latin1'))

/** Takes what is found in one file: answers into the group that is saved, the rest into the report. */
export class PieceTaker {
  private lastProblem = ''

  constructor(
    private readonly options: PieceImport,
    private readonly input: Input,
    private readonly file: FileReport,
  ) {}

  take(piece: Piece): void {
    this.lastProblem = this.takePiece(piece) ?? this.lastProblem
  }

  /** @returns why it was not taken, if it was not */
  private takePiece(piece: Piece): string | null {
    const { input, file } = this
    const { tally, videos } = this.options
    switch (piece.kind) {
      case 'skipped':
        tally.skipped(piece.reason)
        return piece.problem ?? null
      case 'bad':
        tally.bad(input.name, piece.place, piece.problem)
        return piece.problem
      case 'video':
        videos.add({ ...piece, input, file })
        return null
      case 'absence':
        this.takeAbsence(piece.absence, piece.place)
        return null
      case 'text':
        return this.takeText(piece)
    }
  }

  private takeText(piece: Text): string | null {
    const { input } = this
    const { target, tally, clock, secrets } = this.options
    const now = clock()
    const { told, place } = piece
    const bytes = redactBytes(piece.bytes, secrets)
    const origin = `${input.origin}${place}`
    const text = { bytes, origin, fileAt: input.modifiedAt ?? now, now, ...(told ? { told } : {}) }
    const read = readAnswer(text, target)
    switch (read.kind) {
      case 'held':
        this.noteHeld(read.endpoint)
        return null
      case 'answer':
        this.takeAnswer(read.answer, origin)
        return null
      case 'unreadable':
        return this.refuseText(read.problem, piece)
      case 'wrapped':
        tally.bad(input.name, place, read.problem)
        return read.problem
      case 'not taken':
        tally.skipped(read.reason)
        return read.problem
    }
  }

  /** Notes what a WARC of ours says was not there. */
  private takeAbsence(absence: ToldAbsence, place: string): void {
    const { clock, secrets } = this.options
    if (!isPossible(absence.at, clock())) return
    const responseId = absenceIdOf(absence)
    const origin = `${this.input.origin}${place}`
    const body = absence.body && redactBytes(absence.body, secrets)
    const row = { ...absence, responseId, receivedAt: absence.at, origin, body }
    this.noteAbsence(row, absence.keptAs ?? responseId)
  }

  /** Has it noted that something was not there, unless that is held, under its own name or another. */
  noteAbsence(absence: Omit<ImportedAbsence, 'runId'>, otherName = absence.responseId): void {
    const { group, target, tally } = this.options
    tally.missing()
    const names = [absence.responseId, otherName]
    if (names.some((name) => target.timeOf(name) !== undefined)) return
    group.save()
    const own = target.open()
    own.transaction(() => addImportedAbsence(own, { ...absence, runId: () => target.begin() }))
  }

  /** What is no JSON is told where it ought to be ours; elsewhere it is none of ours, and no wonder. */
  private refuseText(problem: string, piece: Text): string {
    const { input } = this
    const { tally } = this.options
    const isWholeFile = !piece.place.includes('#') && (piece.place !== '' || !input.isNamed)
    const isForeign = piece.told !== undefined && piece.told.route === null
    if (isForeign || (isWholeFile && !seemsOurs(piece.bytes))) tally.skipped('not ours')
    else tally.bad(input.name, piece.place, problem)
    return problem
  }

  /** Counts an answer that is held. */
  noteHeld(endpoint: string): void {
    this.options.tally.answer(endpoint)
    this.options.tally.held()
  }

  /** Has an answer saved. */
  takeAnswer(answer: Answer, origin: string): void {
    const { group, target, tally } = this.options
    tally.answer(answer.endpoint)
    const anomalies = answer.page.anomalies.length
    group.add({
      imported: { ...answer, origin, runId: () => target.begin() },
      settled: ({ taken, isOdd }) => {
        if (taken === 'new') tally.saved({ isOdd, anomalies: isOdd ? 1 : anomalies })
        else tally.held(taken === 'corrected')
      },
    })
  }

  /** A file that was named for itself and holds nothing of ours is a mistake; one in a folder is not. */
  refuseForeign(): void {
    const { input, file, lastProblem } = this
    const answers = Object.keys(file.answers).length + (file.containers.video ?? 0)
    if (!input.isNamed || answers + file.missing + file.bad > 0) return
    const reasons = inWords(file.skipped)
    const times = Object.values(file.skipped).reduce((sum, each) => sum + each, 0)
    const of = reasons === '' ? '' : ` (${reasons})`
    const last = lastProblem === '' ? '' : `. The last of it ${lastProblem}`
    const problem = times === 1 && last !== '' ? lastProblem : `holds no answer${of}${last}`
    this.options.tally.bad(input.name, '', problem)
  }
}
