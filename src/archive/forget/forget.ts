import { setImmediate } from 'node:timers/promises'
import { InputError } from '../../model/errors.js'
import type { Learned } from '../../model/theirs.js'
import { openArchive, refuseUnfinished, type Archive, type Durability } from '../archive.js'
import { replayAll } from '../rebuild.js'
import { withStorageErrors } from '../storage-error.js'
import { BodyRewriter } from './bodies.js'
import { compact, emptyLog } from './compact.js'
import { dropFiles, noteFiles } from './files.js'
import { maskLogs } from './logs.js'
import { searchArchive } from './search.js'
import {
  ForgetState,
  nothingTaken,
  steps,
  type Standing,
  type Step,
  type Taken,
  type Watch,
} from './state.js'
import {
  chooseNames,
  countNamed,
  countUnknownHandles,
  namesToDeny,
  nobodyNamed,
  requireNameless,
  toSubject,
} from './subjects.js'

/** Whom or what to forget. */
export interface ForgetOptions {
  archiveDir: string
  /** `user:…`, `post:…`, `comment:…`; none: goes on with a stopped forget, or over all that is held again. */
  seeds: readonly string[]
  /** Why, for the log; it should name nobody. */
  reason?: string | null
  durability?: Durability
  /** Microseconds since 1970. */
  clock: () => number
  /** Ends the forget; the same call goes on. */
  signal?: AbortSignal
  onProgress?: (progress: { step: Step; done: number; total: number }) => void
}

/** What was taken out. */
export interface ForgetReport extends Taken {
  /** `failures`: a name was found afterwards, in the places named. */
  outcome: 'done' | 'interrupted' | 'failures'
  subjects: number
  /** Handles that were named and are nobody's in the archive: only mentions of them were taken out. */
  unknown_handles: number
  found_again: string[]
}

/**
 * Takes people, posts and comments out of an archive for good: rows, kept answers, media, logs; and denies
 * them from now on. Nothing is asked of any API. Stopped anywhere, the same call goes on.
 * @throws InputError if a seed names nothing that can be forgotten, or the reason names somebody;
 * ArchiveError if the archive cannot be used
 */
export function forget(options: ForgetOptions): Promise<ForgetReport> {
  const { archiveDir, durability, seeds } = options
  const subjects = seeds.map(toSubject)
  return withStorageErrors(archiveDir, async () => {
    const how = { isForRebuild: true, isForForget: true, mustExist: true }
    const archive = openArchive(archiveDir, { ...how, ...(durability ? { durability } : {}) })
    try {
      return await new Forgetting(archive, options).run(subjects)
    } finally {
      archive.close()
    }
  })
}

class Forgetting {
  private readonly state: ForgetState
  private standing: Standing | undefined

  constructor(
    private readonly archive: Archive,
    private readonly options: ForgetOptions,
  ) {
    this.state = new ForgetState(archive.database)
    this.standing = this.state.get()
    // What is deleted is written over at once.
    archive.database.pragma('secure_delete = ON')
  }

  async run(subjects: readonly Learned[]): Promise<ForgetReport> {
    const { database, denylist } = this.archive
    // What was named before is chosen: by now the tables tell only a part of what goes with it.
    const others = subjects.filter((each) => !denylist.isUnderWay(each))
    const unknown_handles = countUnknownHandles(database, others)
    this.begin(others)
    let found: string[] = []
    while (this.standing !== undefined && !this.isAborted()) {
      const { step } = this.standing
      if (step === 'search') {
        found = await searchArchive(this.archive, this.watch())
        break
      }
      this.tell(0, 1)
      if (await this.work[step]()) this.moveOn(step)
    }
    const { counts } = this.standing!
    const isDone = this.standing!.step === 'search' && !this.isAborted()
    if (isDone) this.end()
    const outcome = !isDone ? 'interrupted' : found.length === 0 ? 'done' : 'failures'
    const named = { subjects: subjects.length, unknown_handles }
    return { outcome, ...named, ...counts, found_again: found }
  }

  private isAborted(): boolean {
    return this.options.signal?.aborted === true
  }

  private watch(): Watch {
    return {
      tell: (done, total) => this.tell(done, total),
      isAborted: () => this.isAborted(),
    }
  }

  private tell(done: number, total: number): void {
    this.options.onProgress?.({ step: this.standing!.step, done, total })
  }

  /**
   * Denies whom was named, and notes that the rest is to be done; from then on it is done, whatever happens.
   * @throws InputError if nobody is named and nothing is under way
   */
  private begin(subjects: readonly Learned[]): void {
    const { archive, options } = this
    const { database, denylist } = archive
    if (this.standing === undefined) refuseUnfinished(database, archive.dir)
    if (subjects.length === 0 && this.standing === undefined && denylist.isEmpty)
      throw new InputError(nobodyNamed)
    const now = options.clock()
    archive.transaction(() => {
      chooseNames(database, subjects)
      requireNameless(database, options.reason ?? '')
      const counts = { ...nothingTaken, ...countNamed(database) }
      denylist.add(namesToDeny(database), now)
      for (const subject of subjects) denylist.log(subject, now, options.reason ?? null)
      if (this.standing === undefined) this.state.begin(now, counts)
      else if (subjects.length > 0) this.beginAgain(this.standing)
    })
    this.standing = this.state.get()
  }

  /** Others were named before the last ones were gone: all is gone over again. */
  private beginAgain(standing: Standing): void {
    this.archive.database.exec('DELETE FROM rebuilds')
    this.state.moveTo({ ...standing, step: 'answers', position: '' })
  }

  private moveOn(step: Step): void {
    const next = steps[steps.indexOf(step) + 1]!
    this.save({ step: next, position: '' })
  }

  private save(change: Partial<Standing>): void {
    this.standing = { ...this.standing!, ...change }
    const { standing } = this
    this.archive.transaction(() => this.state.moveTo(standing))
  }

  /** What each step does; false: it was interrupted. */
  private readonly work: Record<Exclude<Step, 'search'>, () => boolean | Promise<boolean>> = {
    answers: () => this.rewriteAnswers(),
    logs: async () => {
      const masked = await maskLogs(this.archive, this.watch())
      if (masked !== null) this.count({ requests_skipped: masked.skipped })
      return masked !== null
    },
    files: () => noteFiles(this.archive, this.watch()),
    tables: () => this.fillTables(),
    media: async () => {
      const { files, bytes } = await dropFiles(this.archive)
      const { media_files, media_bytes } = this.standing!.counts
      this.count({ media_files: media_files + files, media_bytes: media_bytes + bytes })
      return true
    },
    compact: () => {
      this.archive.transaction(() => this.state.dropNames())
      compact(this.archive)
      return true
    },
  }

  private count(counts: Partial<Taken>): void {
    this.standing = { ...this.standing!, counts: { ...this.standing!.counts, ...counts } }
  }

  /** Goes over all answers until none shows anything more of theirs. */
  private async rewriteAnswers(): Promise<boolean> {
    const { archive, options } = this
    const rewriter = new BodyRewriter(archive)
    const total = archive.database.prepare('SELECT count(*) FROM responses').pluck().get() as number
    const known = archive.database.prepare('SELECT count(*) FROM denylist').pluck()
    let [knownBefore, after] = this.place(known.get() as number)
    for (let done = 0; ;) {
      if (this.isAborted()) return false
      const next = archive.transaction(() => {
        const result = rewriter.next(after, options.clock())
        this.count({
          answers_rewritten: this.standing!.counts.answers_rewritten + result.rewritten,
        })
        after = result.last ?? ''
        this.standing = { ...this.standing!, position: `${knownBefore} ${after}` }
        this.state.moveTo(this.standing)
        return result
      })
      done += next.done
      this.tell(Math.min(done, total), total)
      await setImmediate()
      if (next.last !== null) continue
      const knownNow = known.get() as number
      if (knownNow === knownBefore) break
      knownBefore = knownNow
    }
    archive.transaction(() => archive.bodies.dropUnused())
    return true
  }

  /** How many names were known when this round began, and the last answer of it. */
  private place(known: number): [number, string] {
    const [before, after = ''] = this.standing!.position.split(' ')
    return before === '' || before === undefined ? [known, ''] : [Number(before), after]
  }

  private async fillTables(): Promise<boolean> {
    const { archiveDir, clock, signal } = this.options
    const report = await replayAll(this.archive, {
      ...{ archiveDir, clock, ...(signal ? { signal } : {}) },
      onProgress: ({ done, total }) => this.tell(done, total),
    })
    return report.outcome === 'done'
  }

  private end(): void {
    this.archive.transaction(() => this.state.end())
    emptyLog(this.archive)
  }
}
