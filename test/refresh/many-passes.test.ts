import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crawl } from '../../src/crawl/crawl.js'
import { rowsOf, temporaryFolder, valuesOf } from '../crawl/worlds.js'
import { comment, postId, serveWorld, worldOf, type World, type WorldPost } from './changing-api.js'

/** One thing that happens between two passes. */
type Event =
  | { kind: 'comment' | 'reply' | 'likes' | 'gone' | 'tombstoned' | 'there'; post: number }
  | { kind: 'shuffle'; seed: number }

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('comment', 'reply', 'likes', 'gone', 'tombstoned', 'there'),
    post: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('shuffle' as const), seed: fc.integer() }),
)

interface Pass {
  events: Event[]
  /** The run is stopped after so many calls, and then run again. */
  stopAfter: number
}

const anyPass: fc.Arbitrary<Pass> = fc.record({
  events: fc.array(anyEvent, { maxLength: 6 }),
  stopAfter: fc.integer({ min: 1, max: 12 }),
})

let made = 10_000

function happen(world: World, event: Event): void {
  if (event.kind === 'shuffle') {
    world.feed.sort(
      (one, other) =>
        ((one.charCodeAt(9) * event.seed) % 7) - ((other.charCodeAt(9) * event.seed) % 7),
    )
    return
  }
  const post = world.posts.get(postId(event.post))!
  const first = post.comments[0]
  made += 1
  if (event.kind === 'comment') post.comments.push(comment(made))
  else if (event.kind === 'reply') first?.replies.push(comment(made))
  else if (event.kind === 'likes') post.likes += 1
  else post.state = event.kind
}

const commentIds = (post: WorldPost): string[] =>
  post.comments.flatMap(({ id, replies }) => [id, ...replies.map((each) => each.id)])

describe('ten passes with changes and stops', () => {
  it('end equal to the union of what was served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyPass, { minLength: 10, maxLength: 10 }), async (passes) => {
        const world = worldOf(9, (n) => n % 3)
        const api = await serveWorld(world)
        const archiveDir = temporaryFolder()
        let now = Date.UTC(2026, 0, 1) * 1000
        const run = (more: object) => {
          now += 3600e6
          return crawl({
            ...{ archiveDir, seeds: [], baseUrl: api.url, apiKey: 'some-key', concurrency: 3 },
            ...{ ratePerSecond: Infinity, durability: 'normal', clock: () => (now += 2e6) },
            ...more,
          })
        }
        await run({ seeds: ['feed'] })
        const served = new Set<string>()
        const expected = new Set([...world.posts.values()].flatMap(commentIds))

        for (const { events, stopAfter } of passes) {
          for (const event of events) happen(world, event)
          for (const post of world.posts.values())
            if (post.state === 'there') for (const id of commentIds(post)) expected.add(id)
          api.asked()
          const stopped = await run({ refresh: true, maxRequests: stopAfter })
          const rest = stopped.outcome === 'budget' ? await run({ refresh: true }) : stopped
          const asked = api.asked()

          expect(rest.outcome).toBe('done')
          expect(new Set(asked).size).toBe(asked.length)
          for (const each of asked) served.add(each)
        }

        const held = new Set(valuesOf(archiveDir, 'SELECT comment_id FROM comments') as string[])
        expect([...expected].filter((id) => !held.has(id))).toEqual([])
        const posts = rowsOf(archiveDir, 'SELECT post_id, text, like_count FROM posts ORDER BY 1')
        const told = [...world.posts.values()].map(({ id, text }) => ({ post_id: id, text }))
        expect(posts.map(({ post_id, text }) => ({ post_id, text }))).toEqual(told)
        for (const { id, likes, state } of world.posts.values())
          if (state === 'there')
            expect(posts.find(({ post_id }) => post_id === id)?.['like_count']).toBe(BigInt(likes))
        expect(served.size).toBeGreaterThan(0)
      }),
      { numRuns: 12, seed: 5 },
    )
  })
})
