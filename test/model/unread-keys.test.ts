import { describe, expect, it, vi } from 'vitest'
import { endpoints } from '../../src/model/endpoints.js'
import { knownShapes, unexplainedKeys } from '../../src/model/known-shapes.js'
import { findNativePage } from '../../src/model/native-pages.js'
import { Reading } from '../../src/model/reading.js'
import { unreadKeys } from '../../src/model/unread-keys.js'

const post = 's_68ef24d8000081910000000000000004'
const user = 'user-000000000000000000000001'
const generation = 'gen_01k7dttf0xfx3t7zhhzycjq8e3'

/** What a reader must find to go on; a shape without it is not that kind of object. */
const needed: Record<string, Record<string, unknown>> = {
  post: { id: post, tombstoned_at: null },
  profile: { user_id: user },
  draft: { id: generation, generation_id: generation },
  task: { id: generation.replace('gen', 'task') },
  download: { post_id: post },
  children: { cursor: null },
}

const deepest = 4

/** Something of that kind that says of every key that a reader takes. */
class Sample {
  readonly taken = new Map<string, Set<string>>()

  /** An object with all known keys of its kind but some. */
  of(kind: string, without: readonly string[] = [], depth = 0): object {
    const object = {}
    for (const [key, told] of Object.entries(knownShapes[kind]!))
      if (!without.includes(key))
        Object.defineProperty(object, key, {
          enumerable: true,
          get: () => {
            this.take(kind, key)
            const { [key]: value = this.value(told, without, depth) } = needed[kind] ?? {}
            return value
          },
        })
    return object
  }

  private take(kind: string, key: string): void {
    const keys = this.taken.get(kind) ?? new Set()
    this.taken.set(kind, keys.add(key))
  }

  private value(told: string, without: readonly string[], depth: number): unknown {
    const [types = '', within] = told.split(':')
    const isInside = within !== undefined && depth < deepest
    if (types.includes('a')) return isInside ? [this.of(within, without, depth + 1)] : []
    if (types.includes('o')) return isInside ? this.of(within, without, depth + 1) : {}
    if (types.includes('s')) return 'https://x.org/a'
    return types.includes('n') ? 1 : types.includes('b') ? true : null
  }
}

const readers = [
  ...endpoints.map(({ readPage }) => readPage),
  ...['drafts', 'draft', 'pending_tasks', 'export'].map((each) =>
    findNativePage(`native_${each}`)!,
  ),
]

/** Native names under which TikHub's own are not looked at. */
const native = [
  ...['shared_by', 'path', 'verified', 'cover_photo_url', 'likes_received_count', 'description'],
  ...['profile_picture_url', 'permalink', 'reply_count'],
]

/** The keys that any reader takes, by kind of object. */
function takenKeys(): Map<string, Set<string>> {
  const sample = new Sample()
  const kinds = ['page', 'post', 'profile', 'task', 'draft', 'download']
  const items = ['item', 'post', 'profile', 'draft']
  // What cannot be read is noted with its first characters, which takes all keys.
  const note = vi.spyOn(Reading.prototype, 'note').mockReturnValue()
  const params = { post_id: post, user_id: user }
  for (const read of readers)
    for (const without of [[], native]) {
      for (const kind of kinds) read(sample.of(kind, without), params)
      for (const kind of items) read({ items: [sample.of(kind, without)] }, params)
      read([sample.of('task', without), sample.of('draft', without)], params)
    }
  note.mockRestore()
  return sample.taken
}

/** A page and an item are all that they may hold by themselves, too. */
const bare = new Set(['post', 'profile', 'task', 'draft', 'download', 'upload'])
const ofBare = [...bare].flatMap((kind) => Object.keys(knownShapes[kind]!))

describe('every key that answers are known to hold', () => {
  it('is taken by a table, or is told as left in the answers, with the reason', () => {
    const taken = takenKeys()
    const told = (kind: string) => unreadKeys.flatMap(({ keys }) => keys[kind]?.split(' ') ?? [])
    const known = Object.entries(knownShapes).map(([kind, shape]): [string, string[]] => [
      kind,
      Object.keys(shape).filter(
        (key) => bare.has(kind) || !['page', 'item'].includes(kind) || !ofBare.includes(key),
      ),
    ])

    const silent = known.map(([kind, keys]) => [
      kind,
      keys.filter(
        (key) =>
          key !== 'data' &&
          !taken.get(kind)?.has(key) &&
          !told(kind).includes(key) &&
          !unexplainedKeys(kind).includes(key),
      ),
    ])
    const doubly = known.map(([kind, keys]) => [
      kind,
      keys.filter(
        (key) =>
          [
            taken.get(kind)?.has(key),
            told(kind).includes(key),
            unexplainedKeys(kind).includes(key),
          ].filter((each) => each === true).length > 1,
      ),
    ])

    const none = known.map(([kind]) => [kind, []])
    expect(Object.fromEntries(silent)).toEqual(Object.fromEntries(none))
    expect(Object.fromEntries(doubly)).toEqual(Object.fromEntries(none))
  })

  it('is named where it is left out as answers name it', () => {
    const named = unreadKeys.flatMap(({ keys }) =>
      Object.entries(keys).flatMap(([kind, list]) => list.split(' ').map((key) => [kind, key])),
    )

    expect(named.filter(([kind, key]) => !(key! in knownShapes[kind!]!))).toEqual([])
  })
})
