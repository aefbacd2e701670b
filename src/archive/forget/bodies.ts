import type Database from 'better-sqlite3'
import type { Params } from '../../model/page.js'
import { responseIdOf } from '../../model/response-id.js'
import type { Archive } from '../archive.js'
import { packBody } from '../bodies.js'

interface HeldRow {
  responseId: string
  endpoint: string
  params: string
  bodySha256: string
}

const answersAtATime = 50

/** Writes the kept answers anew without what is forgotten, a few at a time. */
export class BodyRewriter {
  private readonly select: Database.Statement
  private readonly update: Database.Statement

  constructor(private readonly archive: Archive) {
    const { database } = archive
    this.select = database.prepare(
      `SELECT response_id AS responseId, endpoint, params, body_sha256 AS bodySha256
       FROM responses WHERE response_id > ? AND body_sha256 IS NOT NULL
       ORDER BY response_id LIMIT ${answersAtATime}`,
    )
    this.update = database.prepare(
      'UPDATE responses SET body_sha256 = ?, body_bytes = ? WHERE response_id = ?',
    )
  }

  /**
   * Rewrites the next few answers after one; the caller holds the transaction.
   * @returns the last of them, NULL at the end, and how many were looked at and written anew
   */
  next(after: string, at: number): { last: string | null; done: number; rewritten: number } {
    const rows = this.select.all(after) as HeldRow[]
    let rewritten = 0
    for (const row of rows) if (this.rewrite(row, at)) rewritten += 1
    return { last: rows.at(-1)?.responseId ?? null, done: rows.length, rewritten }
  }

  private rewrite(
    { responseId, endpoint, params: asked, bodySha256 }: HeldRow,
    at: number,
  ): boolean {
    const { bodies, intake } = this.archive
    const text = bodies.read(bodySha256)
    if (text === undefined) return false
    const params = JSON.parse(asked) as Params
    const clean = intake.clean({ endpoint, params, body: text, at })
    if (clean === null) return false
    const isItsOwn = /^[re]_/.test(responseId)
    const answerId = isItsOwn ? responseId : responseIdOf({ endpoint, params, bodySha256 })
    intake.noteRewritten(responseId, answerId, bodySha256)
    if (clean.text === text) return false
    const body = packBody(clean.text)
    bodies.save(body)
    this.update.run(body.sha256, body.bytes, responseId)
    return true
  }
}
