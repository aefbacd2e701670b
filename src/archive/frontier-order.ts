import type Database from 'better-sqlite3'
import type { EndpointName } from '../model/endpoints.js'
import {
  callsToFinish,
  defaultOrder,
  priorityOf,
  type OrderFacts,
  type Ordering,
} from '../model/order.js'
import { announced, announcedBelow } from './list-facts.js'

/** The order in which requests go: that of what is planned, and anew of what was planned in another. */
export class FrontierOrder {
  private ordering: Ordering = { order: defaultOrder }
  private readonly statements

  constructor(database: Database.Database) {
    database.function('priority_of', { deterministic: true, varargs: true }, this.placeOf())
    this.statements = {
      lastId: database.prepare('SELECT max(request_id) FROM requests').pluck(),
      place: database.prepare(placeAnew),
    }
  }

  /** The order of what is planned from now on. */
  follow(ordering: Ordering): void {
    this.ordering = ordering
  }

  /** The priority of a request in the order that is followed now. */
  priorityOf(facts: OrderFacts): number {
    return priorityOf(this.ordering, facts)
  }

  /**
   * Gives the next `count` requests after one their place in the order that is followed now, where they
   * are not done; rows that keep theirs are not written. From the first to the last: a request may take
   * its place from the one that led to it, whose number is lower.
   * @returns the request up to which all are in place; NULL: there are none after it
   */
  place(after: number, count: number): number | null {
    const last = (this.statements.lastId.get() as number | null) ?? 0
    const until = Math.min(after + count, last)
    this.statements.place.run({ after, until })
    return until < last ? until : null
  }

  /** What SQL calls `priority_of`. */
  private placeOf(): (...cells: unknown[]) => unknown {
    const place = (
      requestId: number,
      endpoint: EndpointName,
      page: number,
      thread: number | null,
      ...cells: (number | null)[]
    ) => {
      const [announced = null, announcedBelow = null, itemsHeld, pagesHeld, ...opener] = cells
      const [announcedThread = null, belowThread = null] = opener
      const threadFacts = { announced: announcedThread, announcedBelow: belowThread }
      return this.priorityOf({
        ...{ requestId, endpoint, page, thread, announced, announcedBelow },
        ...{ itemsHeld: itemsHeld ?? 0, pagesHeld: pagesHeld ?? 0 },
        threadCalls: thread === null ? null : callsToFinish(threadFacts),
      })
    }
    return place as never
  }
}

/** Archives made before threads were noted know by whom a request was planned. */
const beganThread = `coalesce(request.thread, CASE
  WHEN request.endpoint = 'get_comment_replies'
    OR (request.endpoint = 'get_post_comments' AND request.page > 1)
  THEN request.parent_request_id END)`

const placeAnew = `
  WITH placed AS MATERIALIZED (
    SELECT request.request_id AS placed_id, priority_of(
      request.request_id, request.endpoint, request.page, ${beganThread},
      ${announced('request')}, ${announcedBelow('request')}, listing.items, listing.pages,
      ${announced('opener')}, ${announcedBelow('opener')}) AS place
    FROM requests AS request
    LEFT JOIN listings AS listing ON listing.listing_key = request.listing_key
    LEFT JOIN requests AS opener ON opener.request_id = ${beganThread}
    WHERE request.request_id > :after AND request.request_id <= :until AND +request.state <> 'done'
  )
  UPDATE requests SET priority = placed.place FROM placed
  WHERE request_id = placed_id AND priority <> placed.place`
