import { counter, int, type Column } from './table.js'

/** What is counted of a post. */
export const postCounters: Column[] = [
  counter('like_count', 'Likes.'),
  counter('dislike_count', 'Dislikes; 0 in every known capture.'),
  counter('view_count', 'Views.'),
  counter('unique_view_count', 'Views by different people.'),
  counter('reply_count', 'Direct comments.'),
  counter('recursive_reply_count', 'Comments and replies of all depths.'),
  counter('remix_count', 'Remixes; whether remixes of remixes are among them is not known.'),
  counter('share_count', 'Shares (from 2026).'),
  counter('repost_count', 'Reposts (from 2026).'),
]

/** What is counted of a comment. */
export const commentCounters: Column[] = [
  ...postCounters.filter(({ name }) => name === 'like_count' || name === 'dislike_count'),
  counter('reply_count', 'Direct replies.'),
  counter('recursive_reply_count', 'Replies of all depths.'),
]

/** What is counted of a person. */
export const userCounters: Column[] = [
  counter('follower_count', 'Followers.'),
  counter('following_count', 'People followed.'),
  counter('post_count', 'Posts.'),
  counter('reply_count', 'Comments written.'),
  counter('likes_received_count', 'Likes received.'),
  counter('remix_count', 'Remixes received.'),
  counter('cameo_count', 'Videos in which this person is cast.'),
  counter('view_count', 'Views, as TikHub documents; in no known capture.'),
  counter('character_count', 'Characters that belong to this person (from 2026).'),
]

/** Counters of the same name that count something else of a person than of a post. */
const aboutEach: Record<string, string> = {
  reply_count: 'Of a post or comment: direct comments or replies. Of a person: comments written.',
  remix_count:
    'Of a post: remixes; whether remixes of remixes are among them is not known. Of a person: remixes received.',
  view_count: 'Views; of a person in no known capture.',
}

/** Every counter once, as `observations` keeps them. */
export const everyCounter = [
  ...new Map([...postCounters, ...userCounters].map((each) => [each.name, each])).values(),
].map(({ name, about }) => int(name, aboutEach[name] ?? about, { unit: 'count', publish: 'keep' }))
