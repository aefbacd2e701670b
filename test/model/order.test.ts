import { describe, expect, it } from 'vitest'
import {
  callsInPriority,
  defaultWeights,
  expectedItems,
  orders,
  priorityOf,
  type OrderFacts,
  type Ordering,
} from '../../src/model/order.js'

const anyFacts: OrderFacts = {
  ...{ requestId: 1, endpoint: 'get_feed', page: 1, thread: null, threadCalls: null },
  ...{ announced: null, announcedBelow: null, itemsHeld: 0, pagesHeld: 0 },
}

const feed = (more: Partial<OrderFacts> = {}): OrderFacts => ({ ...anyFacts, ...more })
const comments = (announced: number | null, announcedBelow = 0): OrderFacts =>
  feed({ endpoint: 'get_post_comments', announced, announcedBelow })
const remixes = (announced: number | null): OrderFacts =>
  feed({ endpoint: 'get_post_remix_list', announced })
const replies = (thread: number, threadCalls: number): OrderFacts =>
  feed({ endpoint: 'get_comment_replies', announced: 1, thread, threadCalls })

/** The names of requests in the order in which they would go. */
function inOrder(ordering: Ordering, requests: Record<string, OrderFacts>): string[] {
  const numbered = Object.entries(requests).map(
    ([name, facts], index) =>
      [name, priorityOf(ordering, { ...facts, requestId: index + 1 })] as const,
  )
  return numbered.sort(([, one], [, other]) => one - other).map(([name]) => name)
}

describe('priorityOf in the order thread', () => {
  it('goes on with a thread that is begun, then takes the shortest, then opens posts', () => {
    const names = inOrder(
      { order: 'thread' },
      {
        'a list of people': feed({ endpoint: 'get_user_followers' }),
        'a list of one remix': remixes(1),
        'a deleted post': comments(null),
        'a thread of 40 comments': comments(40, 30),
        'the feed': feed(),
        'a thread of 5 comments': comments(5),
        'a thread of one comment': comments(1),
        'a thread that is begun': replies(7, 1.04),
      },
    )

    expect(names).toEqual([
      'a thread that is begun',
      'a thread of one comment',
      'a thread of 5 comments',
      'the feed',
      'a list of one remix',
      'a deleted post',
      'a thread of 40 comments',
      'a list of people',
    ])
  })

  it('finishes of two threads as long the one begun first', () => {
    const names = inOrder({ order: 'thread' }, { later: replies(9, 3), earlier: replies(4, 3) })

    expect(names).toEqual(['earlier', 'later'])
  })

  it('lets only what is shorter go before a thread that is begun', () => {
    const requests = {
      longer: comments(1, 5),
      same: comments(1, 2),
      begun: replies(4, 2.24),
      shorter: comments(1, 1),
    }

    expect(inOrder({ order: 'thread' }, requests)).toEqual(['shorter', 'begun', 'same', 'longer'])
  })

  it('opens rich lists of remixes like the feed, poor ones later', () => {
    const requests = { one: remixes(1), three: remixes(3), feed: feed(), twenty: remixes(20) }

    expect(inOrder({ order: 'thread' }, requests)).toEqual(['twenty', 'feed', 'three', 'one'])
  })

  it('does not starve long threads however long the feed is', () => {
    const deepInTheFeed = feed({ page: 200, itemsHeld: 3000, pagesHeld: 199 })

    const names = inOrder({ order: 'thread' }, { feed: deepInTheFeed, long: comments(60, 20) })

    expect(names).toEqual(['long', 'feed'])
  })

  it('keeps what a thread was reckoned to take', () => {
    const priority = priorityOf({ order: 'thread' }, replies(2 ** 23, 17.25))

    expect(callsInPriority(priority)).toBe(17.25)
  })
})

describe('priorityOf in the order yield', () => {
  const ordering: Ordering = { order: 'yield' }

  it('takes the most rows a dollar first', () => {
    const names = inOrder(ordering, {
      'one comment': comments(1),
      'one remix': remixes(1),
      'the feed': feed(),
      'ten comments': comments(10),
      'four comments': comments(4),
    })

    expect(names).toEqual(['ten comments', 'the feed', 'four comments', 'one comment', 'one remix'])
  })

  it('counts what is held, and what the pages before were worth', () => {
    const names = inOrder(ordering, {
      'a feed that tells nothing new': feed({ page: 9, itemsHeld: 20, pagesHeld: 8 }),
      'the last two comments': { ...comments(12), page: 2, itemsHeld: 10, pagesHeld: 1 },
      'a feed that tells half': feed({ page: 9, itemsHeld: 60, pagesHeld: 8 }),
      'ten of many comments': { ...comments(90), page: 2, itemsHeld: 10, pagesHeld: 1 },
    })

    expect(names).toEqual([
      'ten of many comments',
      'a feed that tells half',
      'the last two comments',
      'a feed that tells nothing new',
    ])
  })

  it('follows weights: posts alone, or comments alone', () => {
    const requests = { feed: feed(), comments: comments(10) }

    const posts = inOrder({ ...ordering, weights: { comments: 0 } }, requests)
    const replied = inOrder({ ...ordering, weights: { posts: 0 } }, requests)

    expect([posts, replied]).toEqual([
      ['feed', 'comments'],
      ['comments', 'feed'],
    ])
  })

  it('follows prices, and takes what is free first', () => {
    const dear = { ...ordering, prices: { perCall: { get_post_comments: 0.5 } } }

    const names = inOrder(dear, {
      comments: comments(10),
      feed: feed(),
      task: feed({ endpoint: 'get_task_status' }),
    })

    expect(names.slice(-2)).toEqual(['feed', 'comments'])
  })

  it('names weights for tables that hold what was asked for', () => {
    expect(Object.keys(defaultWeights)).toEqual(['posts', 'comments', 'remixes', 'users'])
  })
})

describe('priorityOf in the orders breadth and depth', () => {
  const requests = { first: comments(1), second: feed(), third: remixes(20) }

  it('goes by when a request was planned, and by nothing else', () => {
    expect(inOrder({ order: 'breadth' }, requests)).toEqual(['first', 'second', 'third'])
    expect(inOrder({ order: 'depth' }, requests)).toEqual(['third', 'second', 'first'])
  })
})

describe('priorityOf', () => {
  it.each(orders)('is a whole number that is exact, whatever counters say: %s', (order) => {
    const counters = [0, 1, 1e9, 2 ** 53, Infinity]
    const facts = counters.flatMap((count) => [
      comments(count, count),
      remixes(count),
      { ...feed(), itemsHeld: count, pagesHeld: 1 },
      replies(count === Infinity ? 1 : count, count),
    ])

    const priorities = facts.map((each) => priorityOf({ order }, each))

    expect(priorities.filter((each) => !Number.isSafeInteger(each))).toEqual([])
  })
})

describe('expectedItems', () => {
  it.each<[string, OrderFacts, number]>([
    ['a full page of the feed', feed(), 15],
    ['what is announced', comments(4), 4],
    ['a full page of more', comments(400), 10],
    ['hardly anything where all is held', { ...comments(4), itemsHeld: 4 }, 0.1],
    ['what the pages before had', feed({ itemsHeld: 20, pagesHeld: 4 }), 5],
    ['little where nothing is known', remixes(null), 0.5],
    ['one object', feed({ endpoint: 'get_post_detail' }), 1],
  ])('is %s', (_, facts, expected) => {
    expect(expectedItems(facts)).toBe(expected)
  })
})
