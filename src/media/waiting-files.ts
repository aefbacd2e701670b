import { Column } from './column.js'
import type { Waiting } from './order.js'
import { TurnColumns } from './turn-columns.js'
import type { Use } from './wanted.js'

/** A file that waits, as one of its owners names it. */
export interface NamedFile {
  deadline: number | null
  use: Use
  bytes: number
  isOfDraft: boolean
  /** Number of that owner if a call renews its links, from 1 on; else 0. */
  renewer: number
}

/** A file that waits, by all its owners. */
export interface WaitingFile extends Waiting {
  /** An owner is a draft. */
  isOfDraft: boolean
  /** Number of the first owner whose links a call renews; 0: no call does. */
  renewer: number
}

/**
 * Files that wait, in some 30 bytes each: millions fit. A file is known by its place, a whole number
 * from 1 on.
 */
export class WaitingFiles {
  /** How many there are. */
  size = 0
  /** Number of a file by its place, from 1 on. */
  private readonly numbers = new Column(Uint32Array)
  private readonly columns = new TurnColumns()
  private readonly drafts = new Column(Uint8Array)
  private readonly renewers = new Column(Uint32Array)
  /** Numbers in turn; NULL: to be sorted. */
  private turns: number[] | null = null

  /** Adds a file; one that is there gets another owner, and the link that lasts longest counts. */
  add(place: number, file: NamedFile): void {
    this.turns = null
    const known = this.numbers.at(place)
    if (known > 0) return this.join(known, file)
    this.size += 1
    this.numbers.set(place, this.size)
    this.columns.set(this.size, file)
    this.drafts.set(this.size, Number(file.isOfDraft))
    this.renewers.set(this.size, file.renewer)
  }

  /** All of them, the soonest deadline first; each is made when it is asked for. */
  *inTurn(): Generator<WaitingFile> {
    this.turns ??= this.sorted()
    for (const number of this.turns) yield this.file(number)
  }

  private sorted(): number[] {
    return this.columns.sort(Array.from({ length: this.size }, (_, at) => at + 1))
  }

  private join(number: number, { deadline, isOfDraft, renewer }: NamedFile): void {
    this.columns.setDeadline(number, later(this.columns.deadline(number), deadline))
    if (isOfDraft) this.drafts.set(number, 1)
    if (this.renewers.at(number) === 0) this.renewers.set(number, renewer)
  }

  private file(number: number): WaitingFile {
    return {
      ...this.columns.at(number),
      isOfDraft: this.drafts.at(number) === 1,
      renewer: this.renewers.at(number),
    }
  }
}

/** NULL: a link that tells no end. */
const later = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : Math.max(one, other)
