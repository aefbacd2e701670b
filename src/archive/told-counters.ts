import type Database from 'better-sqlite3'
import { endpointOf, type EndpointName } from '../model/endpoints.js'
import { unknownList, type ListFacts } from '../model/order.js'
import type { Subject } from '../model/page.js'
import type { Value } from '../model/table.js'
import { countersOf, type SubjectFacts } from '../model/walk-plan.js'
import { announcedLists, ownerOf } from './list-facts.js'
import type { Announced } from './listing-log.js'
import { rowFromSql } from './sql.js'

/** What the lists of an object are planned by: their counters, and how deep a comment is. */
function columnsOf(kind: Subject['kind']): string[] {
  const lists = announcedLists.filter((each) => ownerOf(each).kind === kind)
  return [...new Set([...lists.flatMap(countersOf), ...(kind === 'comment' ? ['depth'] : [])])]
}

/** What the counters of held objects tell of their lists. */
export class ToldCounters {
  private readonly statements: Record<Subject['kind'], Database.Statement>

  constructor(database: Database.Database) {
    const prepare = (kind: Subject['kind']) => {
      const names = columnsOf(kind).join(', ')
      return database.prepare(`SELECT ${names} FROM ${kind}s WHERE ${kind}_id = ?`).safeIntegers()
    }
    this.statements = { post: prepare('post'), comment: prepare('comment'), user: prepare('user') }
  }

  /** What is held of the counters of an object. */
  of({ kind, id }: Subject): Record<string, Value> {
    return rowFromSql((this.statements[kind].get(id) ?? {}) as Record<string, Value>)
  }

  /** What counters announce for a list; NULL where nothing or nothing credible is announced. */
  announcedFor(endpoint: EndpointName, subject: string | null): Announced {
    const { announcedBy, items } = endpointOf(endpoint)
    if (announcedBy === undefined || subject === null)
      return { announced: null, announcedBelow: null }
    const told = (this.statements[ownerOf(endpoint).kind].get(subject) ?? {}) as Record<
      string,
      Value
    >
    const positive = (name: string): number | null => {
      const count = Number(told[name] ?? 0)
      return count > 0 ? count : null
    }
    const below = items === 'comments' ? positive('recursive_reply_count') : null
    return { announced: positive(announcedBy), announcedBelow: below }
  }
}

/** What the counters of an object say of one of its lists. */
export function listFactsOf(endpoint: EndpointName, counters: SubjectFacts['counters']): ListFacts {
  const told = (name: string | undefined): number | null => {
    const value = name === undefined ? null : (counters[name] ?? null)
    return value === null ? null : Number(value)
  }
  const { announcedBy, items } = endpointOf(endpoint)
  const announced = told(announcedBy) || null
  const all = told('recursive_reply_count')
  const announcedBelow =
    items === 'comments' && all !== null && announced !== null ? Math.max(0, all - announced) : null
  return { ...unknownList, announced, announcedBelow }
}
