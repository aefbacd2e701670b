import type Database from 'better-sqlite3'
import type { Params } from '../../model/page.js'
import { withoutForgotten } from '../../model/without-forgotten.js'
import { insertSql } from '../sql.js'
import type { Denylist } from './denylist.js'

/** An answer on its way into the archive. */
export interface IncomingAnswer {
  endpoint: string
  params: Params
  body: string | Buffer
  at: number
}

/** An answer as it may be kept. */
export interface CleanAnswer {
  params: Params
  text: string
}

/** The door that every answer comes in by: what is forgotten stays outside. */
export class Intake {
  private readonly note
  private readonly answerId

  constructor(
    database: Database.Database,
    private readonly denylist: Denylist,
  ) {
    const columns = ['response_id', 'answer_id', 'original_sha256']
    this.note = database.prepare(insertSql('rewritten', columns, 'INSERT OR IGNORE'))
    this.answerId = database
      .prepare('SELECT answer_id FROM rewritten WHERE response_id = ?')
      .pluck()
  }

  /**
   * Takes out of an answer what is forgotten, and denies from now on what it showed to belong to it.
   * @returns NULL if there is nothing: it is kept as it came
   */
  clean({ endpoint, params, body, at }: IncomingAnswer): CleanAnswer | null {
    if (this.denylist.isEmpty) return null
    const text = body.toString()
    const rewritten = withoutForgotten({ endpoint, params, text }, this.denylist)
    this.denylist.add(rewritten?.learned ?? [], at)
    const masked = this.denylist.maskParams(params)
    if (rewritten === null && masked === params) return null
    return { params: masked, text: rewritten?.text ?? text }
  }

  /** Notes by what an answer is known that is not kept as it came. */
  noteRewritten(responseId: string, answerId: string, originalSha256: string): void {
    this.note.run(responseId, answerId, originalSha256)
  }

  /** The id that the content of a rewritten answer had; undefined if it is kept as it came. */
  answerIdOf(responseId: string): string | undefined {
    return this.answerId.get(responseId) as string | undefined
  }
}
