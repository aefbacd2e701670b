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
}

/** Keeps how far each list was walked, which items it showed, and how it ended. */
export class ListingLog {
  private readonly statements

  constructor(database: Database.Database) {
    this.statements = {
      open: database.prepare(
        `INSERT INTO listings (listing_key, endpoint, subject, pass, pages, items, stale_pages)
         VALUES (?, ?, ?, ?, 0, 0, 0) ON CONFLICT DO NOTHING`,
      ),
      addItem: database.prepare(
        'INSERT INTO listing_items (listing_key, item_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
      ),
      progress: database.prepare(
        `UPDATE listings SET pages = pages + 1, items = items + :news,
           stale_pages = CASE WHEN :news > 0 OR pass = 0 THEN 0 ELSE stale_pages + 1 END,
           announced = coalesce(:announced, announced),
           first_page_at = min(coalesce(first_page_at, :at), :at)
         WHERE listing_key = :key
         RETURNING stale_pages AS stalePages, items AS itemsHeld, pages AS pagesHeld`,
      ),
      reopen: database.prepare(
        'UPDATE listings SET ended_at = NULL, end_reason = NULL WHERE listing_key = ?',
      ),
      end: database.prepare(
        `UPDATE listings SET ended_at = max(coalesce(ended_at, :at), :at), end_reason = :reason
         WHERE listing_key = :key`,
      ),
    }
  }

  /** Notes one more stretch of a list. */
  add(
    name: ListingName,
    stretch: Stretch,
    { at, announced }: { at: number; announced: number | null },
  ): ListingProgress {
    const key = this.open(name)
    let news = 0
    for (const id of stretch.item_ids) news += this.statements.addItem.run(key, id).changes
    return this.statements.progress.get({ key, news, announced, at }) as ListingProgress
  }

  /** Notes that a list that ended is walked on. */
  reopen({ endpoint, subject, pass }: ListingName): void {
    this.statements.reopen.run(listingKey(pass, endpoint, subject))
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
