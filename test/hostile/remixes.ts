import type { Item, Page } from './listings.js'
import { remixCursor, toPages } from './listings.js'
import type { Network, Post } from './network.js'
import { leaves, serveComments, serveReplies } from './threads.js'

const remixesPerPage = 20

export const remixPages = (post: Post, items: Item[]): Page[] =>
  toPages(items, remixesPerPage, (i) => remixCursor(post.id, i))

/** The remix list of a post, of wrappers or of bare posts, announced as it is. */
export function serveRemixes(net: Network, post: Post, remixes: Post[], bare = false): void {
  post.wire['remix_count'] = remixes.length
  const items = remixes.map((remix) => (bare ? net.bareItem(remix) : net.wrap(remix)))
  net.serve('get_post_remix_list', post.id, remixPages(post, items))
}

/**
 * Remix trees: one six deep, one wide, one list that holds grandchildren too, items that name no
 * parent, dead and absent parents. Gives the posts that belong into the feed.
 */
export function remixScene(net: Network, bareLists: boolean): Post[] {
  return [
    ...deepTree(net, bareLists),
    wideTree(net),
    listWithGrandchildren(net, bareLists),
    parentDiesLater(net),
    parentNeverSeenAlive(net),
    parentAbsent(net),
    ...(bareLists ? [listThatNamesNoParent(net)] : []),
  ]
}

/** Six levels; the third is in the feed too, and comments hang under the second and the fourth. */
function deepTree(net: Network, bareLists: boolean): Post[] {
  const chain = [net.newPost()]
  while (chain.length < 7) chain.push(net.newPost(chain.at(-1)!))
  for (let i = 0; i < 6; i++)
    serveRemixes(net, chain[i]!, [chain[i + 1]!], bareLists && i % 2 === 1)
  for (const remix of [chain[2]!, chain[4]!]) {
    const comments = leaves(net, remix, 3)
    const reply = net.newComment(remix, comments[1]!)
    const below = net.newComment(remix, reply)
    serveReplies(net, reply, [below])
    serveReplies(net, comments[1]!, [reply])
    serveComments(net, remix, comments)
  }
  return [chain[0]!, chain[3]!]
}

function wideTree(net: Network): Post {
  const root = net.newPost()
  const remixes = Array.from({ length: 43 }, () => net.newPost(root))
  const second = Array.from({ length: 21 }, () => net.newPost(remixes[5]!))
  serveRemixes(net, remixes[5]!, second)
  serveRemixes(net, root, remixes)
  return root
}

/** An item's own parent counts, not the list it came from; the child's list tells it again. */
function listWithGrandchildren(net: Network, bare: boolean): Post {
  const root = net.newPost()
  const children = [net.newPost(root), net.newPost(root)]
  const grandchild = net.newPost(children[0]!)
  serveRemixes(net, children[0]!, [grandchild], bare)
  serveRemixes(net, root, [...children, grandchild], bare)
  return root
}

/** Told alive by the feed, then a tombstone inside its remixes, which must not blank it. */
function parentDiesLater(net: Network): Post {
  const parent = net.newPost()
  parent.dead = 'wrappers'
  serveRemixes(net, parent, [net.newPost(parent), net.newPost(parent)])
  serveComments(net, parent, leaves(net, parent, 2))
  return parent
}

/** Known from the tombstone in its remix alone: nobody asks for its comments. */
function parentNeverSeenAlive(net: Network): Post {
  const parent = net.newPost()
  net.bury(parent)
  parent.wire['remix_count'] = 1
  return net.newPost(parent)
}

/** A parent that is named, and told by no answer. */
function parentAbsent(net: Network): Post {
  const parent = net.newPost()
  const remix = net.newPost(parent)
  remix.parent = null
  net.posts.splice(net.posts.indexOf(parent), 1)
  return remix
}

/** A list's subject counts as the parent where the item names none. */
function listThatNamesNoParent(net: Network): Post {
  const root = net.newPost()
  const remix = net.newPost()
  remix.truth['parent_post_id'] = undefined
  remix.truth['root_post_id'] = undefined
  net.truth.remixes.add(`${root.id}>${remix.id}`)
  serveRemixes(net, root, [remix], true)
  return root
}
