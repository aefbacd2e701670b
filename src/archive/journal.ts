import type Database from 'better-sqlite3'
import { insertSql } from './sql.js'

/** What happened to an answer or a request; see the table `journal`. */
export type JournalEvent = 'answer' | 'held' | 'odd' | 'end' | 'again'

/** One thing that was saved. */
export interface JournalEntry {
  event: JournalEvent
  /** Microseconds since 1970. */
  at: number
  responseId: string | null
  requestId: number | null
  isList?: boolean
  reason?: string | null
}

/** An entry as it is kept. */
export interface KeptEntry extends Required<JournalEntry> {
  entry: number
}

interface EntryRow {
  entry: number
  event: JournalEvent
  at: number
  response_id: string | null
  request_id: number | null
  is_list: number
  reason: string | null
}

/** The order in which answers and ends of requests were saved. */
export class Journal {
  private readonly statements

  constructor(database: Database.Database) {
    const columns = ['event', 'at', 'response_id', 'request_id', 'is_list', 'reason']
    this.statements = {
      add: database.prepare(insertSql('journal', columns)),
      after: database.prepare('SELECT * FROM journal WHERE entry > ? ORDER BY entry LIMIT ?'),
      count: database.prepare('SELECT count(*) FROM journal WHERE entry > ?').pluck(),
      retime: database.prepare(
        `UPDATE journal SET at = answer.received_at FROM responses AS answer
         WHERE answer.response_id = journal.response_id AND journal.request_id IS NULL
           AND event IN ('answer', 'odd') AND at <> answer.received_at`,
      ),
      hasLists: database
        .prepare(
          `SELECT 1 FROM journal
           WHERE response_id = ? AND event = 'held' AND request_id IS NULL`,
        )
        .pluck(),
      walkedAt: database
        .prepare('SELECT at FROM journal WHERE request_id IS NOT NULL ORDER BY entry DESC LIMIT 1')
        .pluck(),
    }
  }

  /** Notes one thing, in the transaction that saves it. */
  add({ event, at, responseId, requestId, isList = false, reason = null }: JournalEntry): void {
    this.statements.add.run(event, at, responseId, requestId, isList ? 1 : 0, reason)
  }

  /** The next entries after one, in order. */
  after(entry: number, count: number): KeptEntry[] {
    return (this.statements.after.all(entry, count) as EntryRow[]).map((row) => ({
      entry: row.entry,
      event: row.event,
      at: row.at,
      responseId: row.response_id,
      requestId: row.request_id,
      isList: row.is_list === 1,
      reason: row.reason,
    }))
  }

  /** How many entries come after one. */
  countAfter(entry: number): number {
    return this.statements.count.get(entry) as number
  }

  /** Gives entries of imported answers the times that the ledger knows now. */
  retime(): void {
    this.statements.retime.run()
  }

  /** True if the lists of an answer that a walk got were noted as imported, too. */
  hasLists(responseId: string): boolean {
    return this.statements.hasLists.get(responseId) === 1
  }

  /** Time of the last thing that a walk saved; 0 if none did. */
  walkedAt(): number {
    return (this.statements.walkedAt.get() as number | undefined) ?? 0
  }
}
