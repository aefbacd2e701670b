import { createHmac, randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import { forgottenName } from '../../model/forgotten-mark.js'
import {
  hidesForgotten,
  isForgottenId,
  plainHandle,
  plainId,
  replaceNames,
  type Forgotten,
  type ForgottenKind,
} from '../../model/forgotten-names.js'
import type { Params } from '../../model/page.js'
import type { Learned } from '../../model/theirs.js'
import { insertSql } from '../sql.js'

/** So many names that are not forgotten are remembered. */
const mostKnown = 200_000

/** A file has an ending or lies in a folder; `network` and seeds are none. */
const isFile = /^(?!network(?:#|$)|https?:).*[./\\]/s
const fileWord = /[\p{L}\p{N}._-]+/gu
const shortestHandle = 3
/** No handle is made of more parts and of signs between them. */
const mostParts = 40

/**
 * Who and what is never taken in again. Names are kept as HMACs under keys that lie in the archive: a copy
 * goes on denying, and whoever reads it finds no name. Without a key nothing is forgotten, and nothing is looked up.
 */
export class Denylist implements Forgotten {
  private readonly statements
  private keys: Buffer[] = []
  /** Only what is not forgotten: a transaction that is undone makes none of it wrong. */
  private readonly others = new Set<string>()

  constructor(database: Database.Database) {
    this.statements = {
      keys: database.prepare('SELECT secret FROM forget_keys ORDER BY created_at, secret').pluck(),
      addKey: database.prepare(insertSql('forget_keys', ['secret', 'created_at'])),
      find: database.prepare('SELECT kind FROM denylist WHERE hmac = ?').pluck(),
      // What hangs below a post goes, whoever wrote it.
      add: database.prepare(
        `${insertSql('denylist', ['hmac', 'kind'])}
         ON CONFLICT DO UPDATE SET kind = excluded.kind WHERE excluded.kind = 'post' AND denylist.kind <> 'post'`,
      ),
      log: database.prepare(
        insertSql('forgotten', ['hmac', 'kind', 'at', 'reason'], 'INSERT OR REPLACE'),
      ),
      isUnderWay: database
        .prepare('SELECT 1 FROM forgotten JOIN forgetting ON at >= started_at WHERE hmac = ?')
        .pluck(),
      copyKey: database.prepare(
        insertSql('forget_keys', ['secret', 'created_at'], 'INSERT OR IGNORE'),
      ),
      copyLog: database.prepare(
        insertSql('forgotten', ['hmac', 'kind', 'at', 'reason'], 'INSERT OR IGNORE'),
      ),
    }
    this.reload()
  }

  /** Reads the keys anew. */
  reload(): void {
    const secrets = this.statements.keys.all() as string[]
    this.keys = secrets.map((secret) => Buffer.from(secret, 'hex'))
    this.others.clear()
  }

  get isEmpty(): boolean {
    return this.keys.length === 0
  }

  kindOf(id: string): ForgottenKind | null {
    return this.find(`id ${plainId(id)}`) as ForgottenKind | null
  }

  isHandle(name: string): boolean {
    return this.find(`handle ${plainHandle(name)}`) !== null
  }

  tagOf(id: string, list: string): string {
    return this.hmac(`item ${list} ${id}`).slice(0, 12)
  }

  private find(name: string): Learned['kind'] | null {
    if (this.keys.length === 0 || this.others.has(name)) return null
    for (const key of this.keys) {
      const kind = this.statements.find.get(hmacOf(key, name)) as Learned['kind'] | undefined
      if (kind !== undefined) return kind
    }
    if (this.others.size >= mostKnown) this.others.clear()
    this.others.add(name)
    return null
  }

  /** Denies names from now on; the first one makes the key. */
  add(names: readonly Learned[], at: number): void {
    if (names.length === 0) return
    if (this.isEmpty) {
      this.statements.addKey.run(randomBytes(32).toString('hex'), at)
      this.reload()
    }
    for (const { kind, name } of names) this.statements.add.run(this.hmac(formOf(kind, name)), kind)
    this.others.clear()
  }

  /** Notes that somebody or something was forgotten, when, and why. */
  log({ kind, name }: Learned, at: number, reason: string | null): void {
    this.statements.log.run(this.hmac(formOf(kind, name)), kind, at, reason)
  }

  /** True for what was named in the forget that is under way. */
  isUnderWay({ kind, name }: Learned): boolean {
    return !this.isEmpty && this.statements.isUnderWay.get(this.hmac(formOf(kind, name))) === 1
  }

  /** Takes over whom another archive denies, with its keys. @returns how many names are new */
  takeOver(other: Database.Database): number {
    let count = 0
    for (const row of rowsOf(other, 'forget_keys'))
      this.statements.copyKey.run(row['secret'], row['created_at'])
    for (const row of rowsOf(other, 'forgotten'))
      this.statements.copyLog.run(row['hmac'], row['kind'], row['at'], row['reason'])
    for (const { hmac, kind } of rowsOf(other, 'denylist'))
      count += this.statements.add.run(hmac, kind).changes
    this.reload()
    return count
  }

  /** A text of a log in which forgotten names are replaced, each by its own. */
  mask(text: string): string {
    return this.isEmpty ? text : replaceNames(text, this, (name) => this.nameOf(name))
  }

  /** Parameters in which forgotten names are replaced; the same object if there are none. */
  maskParams(params: Params): Params {
    if (this.isEmpty) return params
    const masked = Object.entries(params).map(([key, value]) => [key, this.maskParam(key, value)])
    const isSame = Object.entries(params).every(([, value], index) => value === masked[index]![1])
    return isSame ? params : (Object.fromEntries(masked) as Params)
  }

  private maskParam(key: string, value: string): string {
    const isWhole =
      isForgottenId(value, this) ||
      (key === 'username' && this.isHandle(value)) ||
      hidesForgotten(value, this)
    return isWhole ? this.nameOf(value) : this.mask(value)
  }

  /** A seed, or a file that was named, without forgotten names. */
  maskSeed(seed: string): string {
    if (this.isEmpty) return seed
    const [, term] = /^search:(.*)$/s.exec(seed) ?? []
    return term !== undefined && this.isHandle(term)
      ? `search:${this.nameOf(term)}`
      : this.mask(seed)
  }

  /** A file or a place in one, without forgotten names: files are named after people, without an `@` too. */
  maskPlace(place: string): string {
    if (this.isEmpty) return place
    const masked = this.mask(place)
    return isFile.test(masked) ? masked.replace(fileWord, (word) => this.maskWord(word)) : masked
  }

  /** Handles are looked for between the signs that they may hold and that part words. */
  private maskWord(word: string): string {
    const parts = word.split(/([._-])/)
    let masked = ''
    for (let from = 0, to = 0; from < parts.length; from = to) {
      to = this.endOfHandle(parts, from)
      masked += to > from ? this.nameOf(parts.slice(from, to).join('')) : parts[from]!
      to = Math.max(to, from + 1)
    }
    return masked
  }

  /** Behind which part the longest handle ends that begins with one; that part itself where none does. */
  private endOfHandle(parts: readonly string[], from: number): number {
    for (let to = Math.min(parts.length, from + mostParts); to > from; to -= 1) {
      const name = parts.slice(from, to).join('')
      if (name.length >= shortestHandle && this.isHandle(name)) return to
    }
    return from
  }

  private nameOf(name: string): string {
    return forgottenName(this.hmac(`name ${name}`))
  }

  private hmac(text: string): string {
    return hmacOf(this.keys[0]!, text)
  }
}

const hmacOf = (key: Buffer, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex')

const formOf = (kind: Learned['kind'], name: string): string =>
  kind === 'handle' ? `handle ${plainHandle(name)}` : `id ${plainId(name)}`

const rowsOf = (database: Database.Database, table: string): Record<string, unknown>[] =>
  database.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]
