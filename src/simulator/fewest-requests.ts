import type { EndpointName } from '../model/endpoints.js'
import { mayHaveReplies } from './counters.js'
import { nodeOf, personOf } from './identity.js'
import { listingOf, remixesOf, repliesOf } from './listings.js'
import type { ListingName } from './listings.js'
import type { Network } from './network.js'
import type { Settings } from './options.js'
import { pagesOf } from './paging.js'

/** How few calls a crawl needs, by endpoint. */
export interface FewestRequests {
  requests: number
  by_endpoint: Partial<Record<EndpointName, number>>
}

/** A walk along the rule: what it asks for and what it reaches. */
export interface Walk extends FewestRequests {
  posts: Set<number>
}

/**
 * Walks from a seed (`feed`, `post:<id>`, `user:<id>`) as the rule of issue 2 says: all pages of the
 * seed's lists; of every post reached its comments unless its counters announce none, and its
 * remixes unless it has none; of every comment its replies likewise. Counters of a tombstone announce nothing.
 * An unknown seed reaches nothing.
 */
export function walkFrom(network: Network, settings: Settings, seed: string): Walk {
  const walk: Walk = { requests: 0, by_endpoint: {}, posts: new Set() }
  const ask = (endpoint: EndpointName, pages: number): void => {
    walk.requests += pages
    walk.by_endpoint[endpoint] = (walk.by_endpoint[endpoint] ?? 0) + pages
  }
  const askList = (endpoint: ListingName, subject: number): void =>
    ask(endpoint, pagesOf(listingOf(network, settings, { endpoint, subject })))
  const askReplies = (node: number): void => {
    if (mayHaveReplies(network, node)) askList('get_comment_replies', node)
    repliesOf(network, node).forEach(askReplies)
  }
  const visit = (start: Iterable<number>): void => {
    const waiting = [...start]
    for (let post = waiting.pop(); post !== undefined; post = waiting.pop()) {
      if (walk.posts.has(post)) continue
      walk.posts.add(post)
      if (mayHaveReplies(network, post)) askList('get_post_comments', post)
      repliesOf(network, post).forEach(askReplies)
      if ((network.remixCount[post] ?? 0) > 0) askList('get_post_remix_list', post)
      waiting.push(...remixesOf(network, post))
    }
  }

  const [kind, id = ''] = seed.split(':')
  if (kind === 'feed') {
    askList('get_feed', 0)
    visit(network.feed)
  } else if (kind === 'post') {
    ask('get_post_detail', 1)
    const post = nodeOf(network, id)
    visit(post >= 0 ? [post] : [])
  } else if (kind === 'user') {
    const person = personOf(network, id)
    ask('get_user_profile', 1)
    if (person < 0) return walk
    askList('get_user_posts', person)
    visit(network.people.posts.get(person))
  }
  return walk
}
