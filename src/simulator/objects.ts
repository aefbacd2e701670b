import { RecentCache } from './cache.js'
import { documentedProfileJson, flatCommentJson } from './documented-json.js'
import { userIdOf } from './identity.js'
import type { Links } from './links.js'
import { authorOf } from './network.js'
import type { Network } from './network.js'
import { isGone } from './marks.js'
import { postParts } from './post-json.js'
import { profileJson, summaryJson } from './profile-json.js'
import type { Signer } from './signatures.js'

/** A piece of an answer's body. */
export type Piece = Buffer

/** The objects of the network as pieces of JSON text; those asked for lately are kept. */
export interface Objects {
  /** A post or comment with its parent embedded. */
  post(node: number): Piece[]
  /** Post and author as lists hold them; `more` goes before the closing brace. */
  wrapper(node: number, more?: Piece): Piece[]
  /** A comment as a node of a tree. */
  treeNode(node: number): Piece[]
  /** A comment in the form of TikHub's documents. */
  flatComment(node: number): Piece[]
  profile(person: number): Piece[]
  /** A profile in the form of TikHub's documents. */
  documentedProfile(person: number): Piece[]
  searchItem(person: number, profile: Piece[]): Piece[]
  summary(person: number): Piece[]
}

/** Turns constant text into a piece. */
export const piece = (text: string): Piece => Buffer.from(text)

const text = {
  post: piece('{"post":'),
  profile: piece(',"profile":'),
  nothing: piece('null'),
  end: piece('}'),
  noChildren: piece(',"children":{"items":[],"cursor":null},"cursor":null}'),
}

interface Halves {
  head: Piece
  tail: Piece
}

/** Makes and keeps the objects; `clock` gives milliseconds. */
export function createObjects(
  network: Network,
  links: Links,
  { signer, clock }: { signer: Signer; clock: () => number },
): Objects {
  const halves = new RecentCache<Halves>(3000)
  const parents = new RecentCache<Piece>(300)
  const profiles = new RecentCache<Piece>(3000)
  let window = -1

  const freshen = (): void => {
    if (signer.window(clock()) === window) return
    window = signer.window(clock())
    for (const cache of [halves, parents, profiles]) cache.clear()
  }
  const make = (node: number): Halves => {
    const parts = postParts(network, links, { node, now: clock() })
    return { head: piece(parts.head), tail: piece(parts.tail) }
  }
  const halvesOf = (node: number): Halves =>
    isGone(network, node) ? make(node) : halves.get(node, () => make(node))
  const profile = (person: number): Piece =>
    profiles.get(person, () => piece(profileJson(network, links, person)))

  const embedded = (node: number): Piece => {
    const { head, tail } = halvesOf(node)
    const author = profile(authorOf(network, node))
    return Buffer.concat([text.post, head, text.nothing, tail, text.profile, author, text.end])
  }
  const parentOf = (node: number): Piece => {
    const above = network.parent[node] ?? -1
    if (above < 0 || (isGone(network, node) && node < network.postCount)) return text.nothing
    return isGone(network, above) ? embedded(above) : parents.get(above, () => embedded(above))
  }
  const post = (node: number): Piece[] => {
    freshen()
    const { head, tail } = halvesOf(node)
    return [head, parentOf(node), tail]
  }
  const open = (node: number): Piece[] => [
    text.post,
    ...post(node),
    text.profile,
    profile(authorOf(network, node)),
  ]

  return {
    post,
    wrapper: (node, more) => [...open(node), ...(more ? [more] : []), text.end],
    treeNode: (node) => [...open(node), text.noChildren],
    flatComment: (node) => [piece(flatCommentJson(network, links, node))],
    profile: (person) => {
      freshen()
      return [profile(person)]
    },
    documentedProfile: (person) => [piece(documentedProfileJson(network, links, person))],
    searchItem: (person, profilePieces) => [
      piece('{"profile":'),
      ...profilePieces,
      piece(`,"token":"<@${userIdOf(network, person)}>"}`),
    ],
    summary: (person) => [piece(summaryJson(network, links, person))],
  }
}
