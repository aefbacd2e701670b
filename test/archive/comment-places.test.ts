import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Archive } from '../../src/archive/archive.js'
import type { Value } from '../../src/model/table.js'
import { columnsOf, newArchive, onNewArchive, pageOf } from './archives.js'

const postId = 's_68ef1920000081910000000000000001'
const otherPostId = 's_68ef1920000081910000000000000002'

type Told = Record<string, Value>

const onPost = (comment_id: string, post_id = postId): Told => ({
  comment_id,
  post_id,
  parent_comment_id: null,
  depth: 1,
})
const under = (comment_id: string, parent_comment_id: string): Told => ({
  comment_id,
  parent_comment_id,
})

/** Saves comments, one answer each; they are told in this order, at the times given or in order. */
function saveInOrder(archive: Archive, told: readonly Told[]): (Value | undefined)[][] {
  archive.transaction(() =>
    told.forEach((values, at) =>
      archive.pages.save(pageOf({ rows: [{ table: 'comments', values }] }), {
        at,
        responseId: `r_${String(values['comment_id'])}_${at}`,
      }),
    ),
  )
  return columnsOf(archive.database, 'comments', [
    'comment_id',
    'post_id',
    'parent_comment_id',
    'depth',
  ])
}

const orders = <Item>(items: readonly Item[]): Item[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first, index) =>
        orders(items.toSpliced(index, 1)).map((rest) => [first, ...rest]),
      )

describe('where comments hang', () => {
  const thread = [onPost('a'), under('b', 'a'), under('c', 'b'), under('d', 'b')]

  it('is completed of comments that tell half of it', () => {
    const archive = newArchive()
    const half = [
      { ...under('b', 'a'), post_id: postId },
      { ...under('c', 'a'), depth: 2 },
    ]

    const places = saveInOrder(archive, [...half, onPost('a')])

    expect(places).toEqual([
      ['a', postId, null, 1n],
      ['b', postId, 'a', 2n],
      ['c', postId, 'a', 2n],
    ])
  })

  it.each(
    orders(thread).map((order) => [order.map((told) => told['comment_id']).join(' '), order]),
  )('is known whatever comes first: %s', (_, order) => {
    const archive = newArchive()

    const places = saveInOrder(archive, order as Told[])

    expect(places).toEqual([
      ['a', postId, null, 1n],
      ['b', postId, 'a', 2n],
      ['c', postId, 'b', 3n],
      ['d', postId, 'b', 3n],
    ])
  })

  it('is known where all come in one answer, replies first', () => {
    const archive = newArchive()
    const rows = thread.toReversed().map((values) => ({ table: 'comments' as const, values }))

    archive.transaction(() => archive.pages.save(pageOf({ rows }), { at: 1, responseId: 'r' }))

    expect(columnsOf(archive.database, 'comments', ['comment_id', 'post_id', 'depth'])).toEqual([
      ['a', postId, 1n],
      ['b', postId, 2n],
      ['c', postId, 3n],
      ['d', postId, 3n],
    ])
  })

  it('stays unknown while the comment answered is not held', () => {
    const archive = newArchive()

    const places = saveInOrder(archive, [under('c', 'b'), under('d', 'c')])

    expect(places).toEqual([
      ['c', null, 'b', null],
      ['d', null, 'c', null],
    ])
  })

  it('is taken from the answer where it tells it, not from the parent', () => {
    const archive = newArchive()
    const elsewhere = { ...under('b', 'a'), post_id: otherPostId, depth: 7 }

    const places = saveInOrder(archive, [elsewhere, onPost('a')])

    expect(places).toEqual([
      ['a', postId, null, 1n],
      ['b', otherPostId, 'a', 7n],
    ])
  })

  it('is completed down a thread of 3,000', () => {
    const archive = newArchive()
    const name = (level: number): string => String(level).padStart(4, '0')
    const replies = Array.from({ length: 3000 }, (_, level) => under(name(level + 1), name(level)))

    const places = saveInOrder(archive, [...replies.toReversed(), onPost(name(0))])

    expect(places.map(([, post, , depth]) => [post, depth])).toEqual(
      Array.from({ length: 3001 }, (_, level) => [postId, BigInt(level + 1)]),
    )
  })

  it.each([
    ['itself', [under('a', 'a')]],
    ['each other', [under('a', 'b'), under('b', 'a')]],
    ['in a ring', [under('a', 'b'), under('b', 'c'), under('c', 'a')]],
  ])('stays unknown, and nothing hangs, where comments answer %s', (_, told) => {
    const archive = newArchive()

    const places = saveInOrder(archive, told)

    expect(places.map(([, post, , depth]) => [post, depth])).toEqual(told.map(() => [null, null]))
  })

  it('of a ring that one answer places is completed once around', () => {
    const archive = newArchive()
    const placed = { ...under('a', 'c'), post_id: postId, depth: 4 }

    const places = saveInOrder(archive, [under('b', 'a'), under('c', 'b'), placed])

    expect(places).toEqual([
      ['a', postId, 'c', 4n],
      ['b', postId, 'a', 5n],
      ['c', postId, 'b', 6n],
    ])
  })

  it('is the same for any forest, in whatever order it comes', () => {
    const forest = fc
      .array(fc.nat(), { minLength: 1, maxLength: 9 })
      .map((parents) =>
        parents.map((parent, index) =>
          parent % (index + 1) === index
            ? onPost(`c${index}`, index % 2 ? postId : otherPostId)
            : under(`c${index}`, `c${parent % (index + 1)}`),
        ),
      )
    const inAnyOrder = forest.chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length })),
    )
    fc.assert(
      fc.property(inAnyOrder, ([told, shuffled]) => {
        const straight = onNewArchive((archive) => saveInOrder(archive, told))

        const otherwise = onNewArchive((archive) => saveInOrder(archive, shuffled))

        expect(otherwise).toEqual(straight)
        expect(straight.every(([, post, , depth]) => post !== null && depth !== null)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
})
