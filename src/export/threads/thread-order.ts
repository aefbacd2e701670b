/** A comment's place in a thread: its id, and the comment it answers. */
export interface Reply {
  id: string
  parentId: string | null
}

/**
 * The order in which a thread is read: each comment before the answers to it, siblings as they come.
 * A comment whose parent is not among them stands with the comments on the post; of comments that
 * answer each other in a ring the first one does.
 * @returns places in `replies`, each once
 */
export function threadOrder(replies: readonly Reply[]): number[] {
  const places = new Map(replies.map(({ id }, place) => [id, place]))
  const answers = replies.map((): number[] => [])
  const roots: number[] = []
  for (const [place, { parentId }] of replies.entries()) {
    const parent = parentId === null ? undefined : places.get(parentId)
    ;(parent === undefined ? roots : answers[parent]!).push(place)
  }
  const order = new Set<number>()
  for (const root of roots) walk(root, answers, order)
  for (let place = 0; place < replies.length; place += 1)
    if (!order.has(place)) walk(place, answers, order)
  return [...order]
}

/** Depth first, without recursion: threads may be deep. */
function walk(root: number, answers: readonly number[][], order: Set<number>): void {
  const waiting = [root]
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (order.has(place)) continue
    order.add(place)
    for (let next = answers[place]!.length - 1; next >= 0; next -= 1)
      waiting.push(answers[place]![next]!)
  }
}
