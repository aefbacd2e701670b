import type Database from 'better-sqlite3'

/** What a forget does, in this order; a stopped one goes on with the step that it names. */
export const steps = ['answers', 'logs', 'files', 'tables', 'media', 'compact', 'search'] as const

/** What a forget is at. */
export type Step = (typeof steps)[number]

/** What was done so far. */
export interface Taken {
  users: number
  posts: number
  comments: number
  drafts: number
  /** Answers that told any of it. */
  answers: number
  answers_rewritten: number
  requests_skipped: number
  media_files: number
  media_bytes: number
}

/** What a forget begins with. */
export const nothingTaken: Taken = {
  ...{ users: 0, posts: 0, comments: 0, drafts: 0, answers: 0 },
  ...{ answers_rewritten: 0, requests_skipped: 0, media_files: 0, media_bytes: 0 },
}

/** How a step tells how far it is, and learns that it is to end; asked every moment. */
export interface Watch {
  tell: (done: number, total: number) => void
  isAborted: () => boolean
}

/** How far a forget is. */
export interface Standing {
  step: Step
  position: string
  counts: Taken
}

/** How far a forget is; kept in the archive, so that a stopped one goes on. */
export class ForgetState {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      get: database.prepare('SELECT step, position, counts FROM forgetting'),
      begin: database.prepare(
        `INSERT INTO forgetting (started_at, step, position, counts) VALUES (?, ?, '', ?)`,
      ),
      move: database.prepare('UPDATE forgetting SET step = ?, position = ?, counts = ?'),
      dropNames: database.prepare('DELETE FROM forgetting_names'),
      end: database.prepare('DELETE FROM forgetting'),
    }
  }

  /** Undefined if none is under way. */
  get(): Standing | undefined {
    const row = this.statements.get.get() as { [Key in keyof Standing]: string } | undefined
    if (row === undefined) return undefined
    const { step, position, counts } = row
    return { step: step as Step, position, counts: JSON.parse(counts) as Taken }
  }

  begin(now: number, counts: Taken): void {
    this.statements.begin.run(now, steps[0], JSON.stringify(counts))
  }

  moveTo({ step, position, counts }: Standing): void {
    this.statements.move.run(step, position, JSON.stringify(counts))
  }

  /** The names are not needed any more. */
  dropNames(): void {
    this.statements.dropNames.run()
  }

  end(): void {
    this.statements.end.run()
  }
}
