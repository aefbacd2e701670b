import { isWire, under, type Path, type Reading, type Wire } from './reading.js'

/** A post inside another: wrapped or bare. */
export interface Carried {
  item: unknown
  at: Path
  /** It is told as a remix of the one that carries it. */
  isRemix: boolean
}

/**
 * The posts that a post carries along: its parent, `ancestors` and `remix_posts`. The lists are empty in
 * every capture of the API, but populated in server-rendered pages (`data-shapes` 3.2).
 */
export function carriedBy(reading: Reading, post: Wire, path: Path): Carried[] {
  const { parent_post: parent, ancestors, remix_posts: remixes } = post
  const carried: Carried[] = []
  if (parent !== undefined && parent !== null)
    carried.push({ item: parent, at: under(path, 'parent_post'), isRemix: false })
  const take = (list: unknown, at: Path, isRemix: boolean) => {
    const items = isWire(list) ? (list['items'] ?? []) : list
    if (!Array.isArray(items)) return reading.note(at, 'expected a list of posts', list)
    const place = isWire(list) ? under(at, 'items') : at
    items.forEach((item: unknown, index) =>
      carried.push({ item, at: under(place, index), isRemix }),
    )
  }
  if (ancestors !== undefined && ancestors !== null)
    take(ancestors, under(path, 'ancestors'), false)
  if (remixes !== undefined && remixes !== null) take(remixes, under(path, 'remix_posts'), true)
  return carried
}
