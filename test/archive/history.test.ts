import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { thin, unfold, type Telling } from '../../src/archive/history.js'
import type { Archive } from '../../src/archive/archive.js'
import type { Value } from '../../src/model/table.js'
import { newArchive, onNewArchive, pageOf, rowsOf } from './archives.js'

const postId = 's_68ef1920000081910000000000000001'

/** One answer about the post: what it told, and when. */
interface Told {
  at: number
  responseId: string
  values: Record<string, Value>
}

const asset = (file: string, signature: string): string =>
  `https://videos.openai.com/az/files/${file}%2Fraw?se=2026-02-06T00%3A00%3A00Z&sig=${signature}`

const text = fc.constantFrom('', 'one', 'two', 'ONE', 'null')
const clearable = fc.option(text)
const count = fc.constantFrom<Value>(0, 1, 2, 9007199254740993n, 9007199254740994n)
const url = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('A', 'B'))
  .map(([file, signature]) => asset(file, signature))
const time = fc.integer({ min: 1760500000_000000, max: 1760500000_000003 })

const values: fc.Arbitrary<Record<string, Value>> = fc.record(
  {
    text,
    author_id: text,
    permalink: text,
    caption: clearable,
    emoji: clearable,
    preview_image_url: url,
    cover_photo_url: fc.option(url),
    posted_to_public: fc.constantFrom(0, 1),
    posted_at: time,
    updated_at: time,
    tombstoned_at: time,
    parent_post_id: text,
    like_count: count,
    view_count: count,
    share_count: count,
  },
  { requiredKeys: [] },
)

/** What most answers tell: nearly all the same columns, and seldom anything new. */
const alike: fc.Arbitrary<Record<string, Value>> = fc.record(
  {
    text: fc.constantFrom('one', 'one', 'one', 'two'),
    posted_to_public: fc.constantFrom(1, 1, 1, 0),
    like_count: fc.constantFrom<Value>(1, 1, 1, 2),
    view_count: fc.constantFrom<Value>(1, 1, 1, 2),
    tombstoned_at: time,
  },
  { requiredKeys: ['text'] },
)

/** Times repeat, so that the ids of the answers decide. */
const tellingsOf = (
  each: typeof values,
  { maxLength, lastAt }: { maxLength: number; lastAt: number },
): fc.Arbitrary<Told[]> =>
  fc
    .array(fc.record({ at: fc.integer({ min: 1, max: lastAt }), values: each }), {
      ...{ minLength: 1, maxLength },
    })
    .map((told) => told.map((each, index) => ({ ...each, responseId: `r_${index}` })))

const tellings = tellingsOf(values, { maxLength: 7, lastAt: 4 })

const shuffledToo = (each: fc.Arbitrary<Told[]>): fc.Arbitrary<[Told[], Told[]]> =>
  each.chain((told) =>
    fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length })),
  )

const inAnyOrder = shuffledToo(tellings)

const historyTables = ['posts', 'observations', 'revisions', 'sightings']

function saveAll(archive: Archive, told: readonly Told[]): Record<string, unknown> {
  archive.transaction(() => {
    for (const { at, responseId, values } of told)
      archive.pages.save(
        pageOf({ rows: [{ table: 'posts', values: { post_id: postId, ...values } }] }),
        {
          at,
          responseId,
        },
      )
  })
  return Object.fromEntries(historyTables.map((name) => [name, rowsOf(archive.database, name)]))
}

describe('what is kept of the history of a post', () => {
  it('is the same in whatever order its answers arrive', () => {
    fc.assert(
      fc.property(inAnyOrder, ([told, shuffled]) => {
        const inOrder = [...told].sort((one, other) => one.at - other.at)

        const straight = onNewArchive((archive) => saveAll(archive, inOrder))
        const late = onNewArchive((archive) => saveAll(archive, shuffled))

        expect(late).toEqual(straight)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same, too, where nearly all answers tell the same', () => {
    const ofMany = (histories: readonly (readonly Told[])[]) =>
      histories.flatMap((told, place) =>
        told.map((each) => ({
          ...each,
          responseId: `${each.responseId}_${place}`,
          values: { ...each.values, post_id: `${postId.slice(0, -3)}${100 + place}` },
        })),
      )
    const many = fc.array(shuffledToo(tellingsOf(alike, { maxLength: 9, lastAt: 9 })), {
      minLength: 60,
      maxLength: 60,
    })
    fc.assert(
      fc.property(many, (histories) => {
        const inOrder = histories.map(([told]) => [...told].sort((one, other) => one.at - other.at))

        const straight = onNewArchive((archive) => saveAll(archive, ofMany(inOrder)))
        const late = onNewArchive((archive) =>
          saveAll(archive, ofMany(histories.map(([, shuffled]) => shuffled))),
        )

        expect(late).toEqual(straight)
      }),
      { numRuns: 15, endOnFailure: true },
    )
  })

  it('tells when each group of columns was told last, though that answer came late', () => {
    const same = { text: 'one', like_count: 1 }
    const told: Told[] = [
      { at: 1, responseId: 'r_1', values: { ...same, posted_to_public: 1 } },
      { at: 9, responseId: 'r_9', values: same },
      { at: 5, responseId: 'r_5', values: { ...same, posted_to_public: 1 } },
    ]

    const { posts } = onNewArchive((archive) => saveAll(archive, told))

    expect(posts).toMatchObject([{ summary_at: 9n, full_at: 5n, counters_at: 9n }])
  })

  it('is the thinned complete history', () => {
    fc.assert(
      fc.property(inAnyOrder, ([told, shuffled]) => {
        const expected = thin(told.map(toTelling))

        const rows = onNewArchive((archive) => saveAll(archive, shuffled))

        expect(rows['revisions']).toEqual(revisionRows(expected.revisions))
        expect(rows['observations']).toEqual(observationRows(expected.observations))
      }),
      { numRuns: 60 },
    )
  })

  it('is, column by column, what was told last', () => {
    fc.assert(
      fc.property(inAnyOrder, ([told, shuffled]) => {
        const inOrder = [...told].sort((one, other) => one.at - other.at)
        const newest = Object.assign({}, ...inOrder.map((each) => each.values)) as Told['values']
        const gone = told.flatMap(({ values }) => Number(values['tombstoned_at'] ?? NaN) || [])

        const { posts } = onNewArchive((archive) => saveAll(archive, shuffled)) as {
          posts: Record<string, Value>[]
        }

        expect(posts.length).toBe(1)
        expect(posts[0]).toMatchObject({
          ...exact(newest),
          ...(gone.length > 0 ? { tombstoned_at: BigInt(Math.min(...gone)) } : {}),
          posted_at: BigInt(Number(newest['posted_at'] ?? 1760500000_000000)),
          first_seen_at: BigInt(inOrder[0]!.at),
          first_response_id: inOrder[0]!.responseId,
          last_seen_at: BigInt(inOrder.at(-1)!.at),
          last_response_id: inOrder.at(-1)!.responseId,
        })
      }),
      { numRuns: 60 },
    )
  })

  it('tells nothing anew where the same answer comes again', () => {
    fc.assert(
      fc.property(tellings, fc.nat(), (told, which) => {
        const again = told[which % told.length]!

        const [once, twice] = onNewArchive((archive) => [
          saveAll(archive, told),
          saveAll(archive, [again]),
        ])

        expect(twice).toEqual(once)
      }),
      { numRuns: 30 },
    )
  })
})

const exact = (row: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'number' ? BigInt(value) : value,
    ]),
  )

const counterNames = ['like_count', 'view_count', 'share_count']
const restlessNames = ['posted_at', 'updated_at', 'tombstoned_at']

/** As a history compares it: text; a file by its key. */
function toTelling({ at, responseId, values }: Told): Telling {
  const entries = Object.entries(values).filter(([name]) => !restlessNames.includes(name))
  const comparable = (value: Value): string | null =>
    value === null ? null : String(value).replace(/^.*files\/(.)%2Fraw.*$/, '$1/raw')
  return {
    at,
    responseId,
    fields: new Map(
      entries
        .filter(([name]) => !counterNames.includes(name))
        .map(([name, value]) => [name, comparable(value)]),
    ),
    counters: new Map(
      entries
        .filter(([name]) => counterNames.includes(name))
        .map(([name, value]) => [name, String(value)]),
    ),
  }
}

const ofPost = (at: number, response_id: string) => ({
  entity_kind: 'post',
  entity_id: postId,
  response_id,
  observed_at: BigInt(at),
})

const keyOf = (row: Record<string, unknown>): string =>
  `${String(row['field'])} ${String(row['response_id'])}`
const byKey = (one: Record<string, unknown>, other: Record<string, unknown>): number =>
  keyOf(one) < keyOf(other) ? -1 : 1

const revisionRows = (revisions: ReturnType<typeof thin>['revisions']) =>
  revisions
    .map(({ at, responseId, ...change }) => ({ ...ofPost(at, responseId), ...change }))
    .sort(byKey)

const notTold = Object.fromEntries(
  [
    ...['like_count', 'dislike_count', 'view_count', 'unique_view_count', 'reply_count'],
    ...['recursive_reply_count', 'remix_count', 'share_count', 'repost_count', 'follower_count'],
    ...['following_count', 'post_count', 'likes_received_count', 'cameo_count', 'character_count'],
  ].map((name) => [name, null]),
)

const observationRows = (observations: ReturnType<typeof thin>['observations']) =>
  observations
    .map(({ at, responseId, counters }) => ({
      ...ofPost(at, responseId),
      ...notTold,
      ...Object.fromEntries([...counters].map(([name, value]) => [name, BigInt(value)])),
    }))
    .sort(byKey)

describe('unfold', () => {
  it('gives back from the changes what was told', () => {
    fc.assert(
      fc.property(tellings, (told) => {
        const complete = told.map(toTelling)
        const inOrder = [...complete].sort(
          (one, other) => one.at - other.at || (one.responseId < other.responseId ? -1 : 1),
        )
        const today = new Map(inOrder.flatMap(({ fields }) => [...fields]))
        const sightings = complete.map(({ at, responseId, fields, counters }) => ({
          at,
          responseId,
          fields: [...fields.keys()],
          counters: [...counters.keys()],
        }))

        const unfolded = unfold(sightings, thin(complete), today)

        expect(unfolded).toEqual(inOrder)
      }),
    )
  })
})

describe('thin', () => {
  const telling = (at: number, told: Record<string, string | null>): Telling => ({
    at,
    responseId: `r_${at}`,
    fields: new Map(Object.entries(told).filter(([name]) => name !== 'likes')),
    counters: new Map(
      Object.entries(told).flatMap(([name, value]) => (name === 'likes' ? [[name, value!]] : [])),
    ),
  })

  it('keeps a change, with what was told before, however long ago', () => {
    const complete = [
      telling(1, { text: 'one', likes: '1' }),
      telling(2, { likes: '1' }),
      telling(3, { text: 'two', likes: '2' }),
      telling(4, { text: 'two' }),
      telling(5, { text: null, likes: '1' }),
    ]

    const history = thin(complete.toReversed())

    expect(history).toEqual({
      revisions: [
        { at: 3, responseId: 'r_3', field: 'text', old: 'one', new: 'two' },
        { at: 5, responseId: 'r_5', field: 'text', old: 'two', new: null },
      ],
      observations: [
        { at: 1, responseId: 'r_1', counters: new Map([['likes', '1']]) },
        { at: 3, responseId: 'r_3', counters: new Map([['likes', '2']]) },
        { at: 5, responseId: 'r_5', counters: new Map([['likes', '1']]) },
      ],
    })
  })

  it('keeps no change where something is told for the first time, or as before', () => {
    const history = thin([telling(1, {}), telling(2, { text: null }), telling(3, { text: null })])

    expect(history).toEqual({ revisions: [], observations: [] })
  })
})

describe('a late answer', () => {
  it('takes a change out that was none, and puts both of its neighbours right', () => {
    const archive = newArchive()
    const tell = (at: number, text: string, like_count: number): Told => ({
      at,
      responseId: `r_${at}`,
      values: { text, like_count },
    })
    saveAll(archive, [tell(1, 'a', 1), tell(5, 'b', 2)])

    const rows = saveAll(archive, [tell(3, 'c', 2)])

    expect(rows['revisions']).toEqual([
      { ...ofPost(3, 'r_3'), field: 'text', old: 'a', new: 'c' },
      { ...ofPost(5, 'r_5'), field: 'text', old: 'c', new: 'b' },
    ])
    expect(rows['observations']).toEqual([
      { ...ofPost(1, 'r_1'), ...notTold, like_count: 1n },
      { ...ofPost(3, 'r_3'), ...notTold, like_count: 2n },
    ])
  })
})
