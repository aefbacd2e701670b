import type { Item } from './listings.js'
import { commentCursor } from './listings.js'
import type { Network } from './network.js'
import { characterId } from './random.js'
import { summaryWire } from './objects.js'
import { commentItem, leaves } from './threads.js'
import type { Wire } from './wire.js'

/** What the feed tells in its first page, and again, changed, in its last. */
export interface Drift {
  early: Item[]
  late: Item[]
}

/**
 * Things that change between answers. Each is told only by answers of which one cannot be asked
 * for before the other came, so that the newest is certain however many requests are under way.
 */
export function driftScene(net: Network): Drift {
  const told = [
    countersMove(net),
    commentsAppear(net),
    userChanges(net, { username: 'renamed.now', permalink: null, display_name: 'New 🌒' }),
    userChanges(net, { description: null, follower_count: 1, verified: true }, 'a bio'),
  ]
  return {
    early: [...told.map(([first]) => first), movesByPage(net)],
    late: told.map(([, last]) => last),
  }
}

/** Likes fall, views rise, and a counter of 2026 appears. */
function countersMove(net: Network): [Item, Item] {
  const post = net.newPost()
  post.quiet = true
  const old: Wire = { ...post.wire, like_count: 4000, view_count: 10 }
  const later = (post.wire['updated_at'] as number) + 7200
  Object.assign(post.wire, { like_count: 3999, view_count: 20, share_count: 4, updated_at: later })
  return [() => ({ post: old, profile: post.profile }), net.wrap(post)]
}

/** Announced as empty at first, with three comments later: then they must be asked for. */
function commentsAppear(net: Network): [Item, Item] {
  const post = net.newPost()
  post.quiet = true
  const old: Wire = { ...post.wire }
  Object.assign(post.wire, { reply_count: 3, recursive_reply_count: 3 })
  const items = leaves(net, post, 3).map((comment) => commentItem(net, comment))
  net.serve('get_post_comments', post.id, [{ items, cursor: null, shape: 'children' }])
  return [() => ({ post: old, profile: post.profile }), net.wrap(post)]
}

function userChanges(net: Network, change: Wire, description?: string): [Item, Item] {
  const profile = net.newUser(`changing.${net.users.length}`)
  if (description !== undefined) profile['description'] = description
  const [first, second] = [net.newPost(null, profile), net.newPost(null, profile)]
  first.quiet = true
  second.quiet = true
  const old: Wire = { ...profile }
  Object.assign(profile, change)
  if (change['permalink'] === null) {
    profile['permalink'] = `https://sora.chatgpt.com/profile/${String(change['username'])}`
  }
  return [() => ({ post: first.wire, profile: old }), net.wrap(second)]
}

/** The top of every page of its comments tells the post anew; the last page tells the newest. */
function movesByPage(net: Network): Item {
  const post = net.newPost()
  post.quiet = true
  const told = [0, 1, 2, 3].map((i): Wire => ({
    ...post.wire,
    like_count: 50 - i,
    reply_count: 23,
  }))
  for (const each of told) each['recursive_reply_count'] = 23
  Object.assign(post.wire, told[3])
  const items = leaves(net, post, 23).map((comment) => commentItem(net, comment))
  const pages = [0, 1, 2].map((i) => ({
    items: items.slice(i * 10, i * 10 + 10),
    cursor: i < 2 ? commentCursor(post.id, i + 1) : null,
    shape: 'tree' as const,
    top: () => ({ post: told[i + 1], profile: post.profile }),
  }))
  net.serve('get_post_comments', post.id, pages)
  return () => ({ post: told[0], profile: post.profile })
}

/** People who are cast, mentioned, or characters: told by the posts of others only. */
export function castScene(net: Network): Item[] {
  const cast = net.newUser('cast.only')
  const owner = net.crowd[1]!
  const character: Wire = { ...net.newUser('a.character'), user_id: characterId(net.random) }
  character['owner_profile'] = owner
  net.users[net.users.length - 1] = character
  const [summary] = [net.newUser('mentioned.only')].map(summaryWire)
  net.users.pop()
  net.summaries.push(summary!)

  const post = net.newPost()
  const text = '夜 🌃 with @mentioned.only'
  const start = [...text].indexOf('@')
  const facet = { start, end: [...text].length, type: 'mention', profile: summary! }
  const ids = [cast, character].map((profile) => profile['user_id'])
  Object.assign(post.wire, { text, text_facets: [facet], cameo_profiles: [cast, character] })
  Object.assign(post.wire, { disabled_cameo_user_ids: ids })
  return [net.wrap(post)]
}
