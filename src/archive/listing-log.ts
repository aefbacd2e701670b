import type Database from 'better-sqlite3'
import type { Stretch } from '../model/page.js'
import { listingKey } from '../model/params.js'

/** Which list, in which pass. */
export interface ListingName {
  endpoint: string
  subject: string | null
  pass: number
}

/** What is known of a list after one more stretch of it. */
export interface ListingProgress {
  stalePages: number
  itemsHeld: number
  pagesHeld: number
  /** Items in a row, up to the last, that an earlier pass had shown. */
  knownRun: number
}

/** What counters announced for a list when it was walked. */
export interface Announced {
  announced: number | null
  /** Of all depths, the items themselves included. */
  announcedBelow: number | null
}

/** How an earlier pass walked a list. */
export interface EarlierWalk extends Announced {
  listingKey: string
  endReason: string | null
}

/** Keeps how far each list was walked, which items it showed, and how it ended. */
export class ListingLog {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      open: database.prepare(
        `INSERT INTO listings
           (listing_key, endpoint, subject, pass, pages, items, stale_pages, known_run)
         VALUES (?, ?, ?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING`,
      ),
      addItem: database.prepare(
        'INSERT INTO listing_items (listing_key, item_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      ),
      addPage: database.prepare(
        `INSERT INTO listing_pages (listing_key, cursor, next_cursor) VALUES (?, ?, ?)
         ON CONFLICT DO NOTHING`,
      ),
      progress: database.prepare(
        `UPDATE listings SET pages = pages + 1, items = items + :news,
           stale_pages = CASE WHEN :news > 0 OR pass = 0 THEN 0 ELSE stale_pages + 1 END,
           announced = coalesce(:announced, announced),
           announced_below = coalesce(:announcedBelow, announced_below),
           known_run = iif(:isAllKnown, known_run, 0) + :knownRun,
           first_page_at = min(coalesce(first_page_at, :at), :at)
         WHERE listing_key = :key
         RETURNING stale_pages AS stalePages, items AS itemsHeld, pages AS pagesHeld,
                   known_run AS knownRun`,
      ),
      earlier: database.prepare(
        `SELECT listing_key AS listingKey, announced, announced_below AS announcedBelow,
                end_reason AS endReason
         FROM listings
         WHERE endpoint = ? AND subject IS ? AND pass > 0 AND pass < ? ORDER BY pass DESC`,
      ),
      items: database.prepare('SELECT items FROM listings WHERE listing_key = ?').pluck(),
      isIn: database
        .prepare('SELECT 1 FROM listing_items WHERE listing_key = ? AND item_id = ?')
        .pluck(),
      missing: database
        .prepare(
          `SELECT item_id FROM listing_items AS before WHERE listing_key = :before
             AND NOT EXISTS (SELECT 1 FROM listing_items
                             WHERE listing_key = :now AND item_id = before.item_id)
           ORDER BY item_id`,
        )
        .pluck(),
      reopen: database.prepare(
        'UPDATE listings SET ended_at = NULL, end_reason = NULL WHERE listing_key = ?',
      ),
      end: database.prepare(
        `UPDATE listings SET ended_at = max(coalesce(ended_at, :at), :at), end_reason = :reason
         WHERE listing_key = :key`,
      ),
    }
  }

  /** Notes one more stretch of a list; `isKnown` says what an earlier pass had shown of it. */
  add(
    name: ListingName,
    stretch: Stretch,
    told: Announced & { at: number; isKnown?: (id: string) => boolean },
  ): ListingProgress {
    const key = this.open(name)
    let news = 0
    for (const id of stretch.item_ids) news += this.statements.addItem.run(key, id).changes
    const { at, announced, announcedBelow, isKnown = () => false } = told
    const ids = [...stretch.item_ids].reverse()
    const firstNew = ids.findIndex((id) => !isKnown(id))
    const isAllKnown = firstNew < 0 ? 1 : 0
    const knownRun = firstNew < 0 ? ids.length : firstNew
    return this.statements.progress.get({
      ...{ key, news, announced, announcedBelow, at, isAllKnown, knownRun },
    }) as ListingProgress
  }

  /** How earlier passes walked a list, the last first; imports are none. */
  earlierWalks({ endpoint, subject, pass }: ListingName): EarlierWalk[] {
    return this.statements.earlier.all(endpoint, subject, pass) as EarlierWalk[]
  }

  /** How many different items of a list are held. */
  itemsHeld({ endpoint, subject, pass }: ListingName): number {
    const key = listingKey(pass, endpoint, subject)
    return (this.statements.items.get(key) as number | undefined) ?? 0
  }

  /** True if a list showed an item. */
  hasShown(listingKey: string, itemId: string): boolean {
    return this.statements.isIn.get(listingKey, itemId) === 1
  }

  /** What an earlier walk showed and this one does not. */
  missing(name: ListingName, { listingKey: before }: EarlierWalk): string[] {
    const now = listingKey(name.pass, name.endpoint, name.subject)
    return this.statements.missing.all({ before, now }) as string[]
  }

  /** Notes that a list that ended is walked on. */
  reopen({ endpoint, subject, pass }: ListingName): void {
    this.statements.reopen.run(listingKey(pass, endpoint, subject))
  }

  /** Notes where an imported page of a list begins and where it leads; NULL: the first, the end. */
  addPage(
    { endpoint, subject, pass }: ListingName,
    { cursor, next }: { cursor: string | null; next: string | null },
  ): void {
    const key = listingKey(pass, endpoint, subject)
    this.statements.addPage.run(key, cursor ?? '', next ?? '')
  }

  /** Notes how a list ended; one that never had a page is noted too. */
  end(name: ListingName, reason: string, at: number): void {
    const key = this.open(name)
    this.statements.end.run({ key, reason, at })
  }

  private open({ endpoint, subject, pass }: ListingName): string {
    const key = listingKey(pass, endpoint, subject)
    this.statements.open.run(key, endpoint, subject, pass)
    return key
  }
}
