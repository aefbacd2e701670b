import { Adjacency } from './adjacency.js'
import { isGone } from './marks.js'
import type { Network } from './network.js'
import type { Settings } from './options.js'
import { mix, powerLaw, fraction } from './random.js'

/** Everyone: people first, then characters, by index. */
export interface People {
  count: number
  /** From this index on they are characters. */
  firstCharacter: number
  /** Who follows a person, and whom a person follows. */
  followers: Adjacency
  following: Adjacency
  /** Living posts of a person and posts that cast it, newest first. */
  posts: Adjacency
  appearances: Adjacency
  /** Comments and replies that a person wrote. */
  commentCount: Int32Array
  /** Everyone, most often cast first. */
  leaderboard: Int32Array
}

/** How many characters there are beside that many people. */
export const charactersOf = (users: number): number => Math.max(2, Math.ceil(users * 0.04))

/** Everybody's lists, out of the nodes. */
export function buildPeople(nodes: Omit<Network, 'people'>, settings: Settings): People {
  const firstCharacter = settings.users
  const count = firstCharacter + charactersOf(settings.users)
  const follows = drawFollows(count, settings)
  const newest = Array.from({ length: nodes.postCount }, (_, post) => post)
    .filter((post) => !isGone(nodes, post))
    .sort((a, b) => (nodes.postedAt[b] ?? 0) - (nodes.postedAt[a] ?? 0) || a - b)
  const appearances = Adjacency.of(
    count,
    newest.flatMap((post) => [...nodes.cast.get(post)].map((person): Pair => [person, post])),
  )
  return {
    count,
    firstCharacter,
    followers: Adjacency.of(count, follows),
    following: Adjacency.of(
      count,
      follows.map(([followee, follower]): Pair => [follower, followee]),
    ),
    posts: Adjacency.of(
      count,
      newest.map((post): Pair => [nodes.author[post] ?? 0, post]),
    ),
    appearances,
    commentCount: countComments(nodes, count),
    leaderboard: rank(appearances, count),
  }
}

type Pair = [number, number]

/** (followee, follower) pairs: the famous have many, each at most once, nobody follows itself. */
function drawFollows(count: number, settings: Settings): Pair[] {
  const follows: Pair[] = []
  for (let person = 0; person < count; person++) {
    const chance = fraction(mix(settings.seed, person, 31))
    const least = person === 0 && settings.followers > 0 ? 60 : 0
    const wanted = Math.min(count - 1, Math.max(least, powerLaw(chance, settings.followers, 5000)))
    const step = 1 + (mix(settings.seed, person, 32) % Math.floor(count / (wanted + 1)))
    let follower = mix(settings.seed, person, 33) % count
    for (let turn = 0; turn < wanted; turn++) {
      follower = (follower + step) % count
      if (follower !== person) follows.push([person, follower])
    }
  }
  return follows
}

function countComments(nodes: Omit<Network, 'people'>, people: number): Int32Array {
  const counts = new Int32Array(people)
  for (let node = nodes.postCount; node < nodes.nodeCount; node++) {
    const author = nodes.author[node] ?? -1
    if (author >= 0 && !isGone(nodes, node)) counts[author] = (counts[author] ?? 0) + 1
  }
  return counts
}

function rank(appearances: Adjacency, count: number): Int32Array {
  const everyone = Array.from({ length: count }, (_, person) => person)
  everyone.sort((a, b) => appearances.count(b) - appearances.count(a) || a - b)
  return Int32Array.from(everyone.slice(0, 200))
}
