import { gunzipSync, gzipSync } from 'node:zlib'
import type Database from 'better-sqlite3'
import { sha256 } from '../model/response-id.js'
import { insertSql } from './sql.js'

const gzipLevel = 3

/** A body as it is kept. */
export interface PackedBody {
  sha256: string
  bytes: number
  encoding: 'gzip'
  packed: Buffer
}

/** Packs a body for keeping; its digest is that of the unpacked text in UTF-8. */
export function packBody(text: string): PackedBody {
  const bytes = Buffer.from(text, 'utf8')
  return packBytes(bytes, sha256(bytes))
}

/** Packs a body that is in UTF-8 already, and whose digest is known. */
export const packBytes = (bytes: Buffer, digest: string): PackedBody => ({
  sha256: digest,
  bytes: bytes.length,
  encoding: 'gzip',
  packed: gzipSync(bytes, { level: gzipLevel }),
})

/** Keeps and gives back the answers themselves, each content once. */
export class Bodies {
  private readonly insert: Database.Statement
  private readonly select: Database.Statement
  private readonly drop: Database.Statement

  constructor(database: Database.Database) {
    const columns = ['sha256', 'encoding', 'body']
    this.insert = database.prepare(insertSql('bodies', columns, 'INSERT OR IGNORE'))
    this.drop = database.prepare(
      `DELETE FROM bodies WHERE sha256 NOT IN
         (SELECT body_sha256 FROM responses WHERE body_sha256 IS NOT NULL)`,
    )
    this.select = database.prepare('SELECT body FROM bodies WHERE sha256 = ?').pluck()
  }

  save(body: PackedBody): void {
    this.insert.run(body.sha256, body.encoding, body.packed)
  }

  /** Takes away every body that belongs to no answer any more. */
  dropUnused(): void {
    this.drop.run()
  }

  /** The text of a kept body. */
  read(digest: string): string | undefined {
    return this.readBytes(digest)?.toString('utf8')
  }

  /** A kept body, in UTF-8. */
  readBytes(digest: string): Buffer | undefined {
    const body = this.select.get(digest) as Buffer | undefined
    return body && gunzipSync(body)
  }
}
