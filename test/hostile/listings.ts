import type { Wire } from './wire.js'
import { toCursor } from './wire.js'

/** An item is built when it is served: a tombstone tells the microsecond of the request. */
export type Item = (nowUs: number) => unknown

/**
 * Where a page keeps its items and its cursor:
 * - `items`       {items, cursor}
 * - `children`    {children: {items, cursor}}, as TikHub's documentation prints comments
 * - `tree`        {post, profile, children: {items, cursor}, cursor: null}, as Sora answers
 * - `topCursor`   {children: {items}, cursor}
 * - `nullAndTop`  {children: {items, cursor: null}, cursor}
 */
export type Shape = 'items' | 'children' | 'tree' | 'topCursor' | 'nullAndTop'

export interface Page {
  items: Item[]
  /** Absent: the key is not sent. */
  cursor?: string | null
  hasMore?: boolean
  shape?: Shape
  /** The wrapper at the top of a `tree`. */
  top?: Item
  /** How many of the items must each lead to an anomaly. */
  broken?: number
}

export interface Listing {
  endpoint: string
  subject: string
  /** By the cursor that asks for the page, "" for the first. */
  pages: Map<string, Page>
}

/** Items in pages of `size`, chained by cursors, the last with a null cursor. */
export function toPages(items: Item[], size: number, cursorAt: (page: number) => string): Page[] {
  const count = Math.max(1, Math.ceil(items.length / size))
  return Array.from({ length: count }, (_, i) => ({
    items: items.slice(i * size, (i + 1) * size),
    cursor: i + 1 < count ? cursorAt(i + 1) : null,
  }))
}

/** Pages by the cursor that asks for each; a cursor that comes back leads to the page it named. */
export function byCursor(pages: Page[]): Map<string, Page> {
  const found = new Map<string, Page>()
  let asked: string | null | undefined = ''
  for (const page of pages) {
    if (asked === null || asked === undefined) throw new Error('a page nobody can ask for')
    if (!found.has(asked)) found.set(asked, page)
    asked = page.cursor
  }
  return found
}

/** `data` of the answer that holds the page. */
export function toData(page: Page, nowUs: number): Wire {
  const items = page.items.map((item) => item(nowUs))
  const end = {
    ...('cursor' in page ? { cursor: page.cursor } : {}),
    ...(page.hasMore === undefined ? {} : { has_more: page.hasMore }),
  }
  const top = page.top?.(nowUs) as Wire | undefined
  switch (page.shape ?? 'items') {
    case 'items':
      return { items, ...end }
    case 'children':
      return { children: { items, ...end } }
    case 'tree':
      return { ...top, children: { items, ...end }, cursor: null }
    case 'topCursor':
      return { ...top, children: { items }, ...end }
    case 'nullAndTop':
      return { ...top, children: { items, cursor: null }, ...end }
  }
}

export const commentCursor = (subject: string, page: number | string): string =>
  toCursor({ post_id: subject.replace('s_', ''), created_at: 1760900000.5, page })

export const remixCursor = (subject: string, page: number | string): string =>
  toCursor({ last_post_id: subject, page })

export const feedCursor = (page: number | string): string =>
  toCursor({ cut: 'nf2_top_7d', limit: 15, offset: typeof page === 'number' ? page * 15 : page })
