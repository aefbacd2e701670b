import type { Item, Listing, Page } from './listings.js'
import { byCursor } from './listings.js'
import { anonymousWire, attachmentWire, postWire, profileWire, tombstoneWire } from './objects.js'
import type { Random } from './random.js'
import { commentId, postId, seededRandom } from './random.js'
import type { Row, Truth } from './truth.js'
import { emptyTruth, listingName, requestName } from './truth.js'
import type { Wire } from './wire.js'

export interface Post {
  id: string
  /** As the newest answer tells it, without `parent_post`. */
  wire: Wire
  profile: Wire
  parent: Post | null
  /** Its values differ from answer to answer: no other object embeds it. */
  quiet: boolean
  /** `wrappers`: alive as an item, dead where a remix embeds it. `always`: never told alive. */
  dead: 'no' | 'wrappers' | 'always'
  /** What the truth says in place of the wire; undefined: the column is not certain. */
  truth: Record<string, Row[string] | undefined>
}

export interface Comment {
  id: string
  wire: Wire
  profile: Wire
  post: Post
  parent: Comment | null
  depth: number
  /** Told in the documented flat form, without parent, path, recursive count. */
  flat: boolean
  dead: boolean
}

/** A small social network, what is served of it under which request, and the truth about it. */
export class Network {
  readonly random: Random
  readonly truth: Truth = emptyTruth()
  readonly listings = new Map<string, Listing>()
  readonly users: Wire[] = []
  readonly posts: Post[] = []
  readonly comments: Comment[] = []
  /** Users of whom only a 12-key summary is told. */
  readonly summaries: Wire[] = []
  /** The everyday people, each told in full as the author of some feed item. */
  readonly crowd: Wire[]
  private second = 1760000000

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.crowd = Array.from({ length: 12 }, (_, i) => this.newUser(`walker.${i}`))
  }

  newUser(username: string): Wire {
    const profile = profileWire(this.random, username)
    this.users.push(profile)
    return profile
  }

  /** A time after every time given so far, with microseconds. */
  nextTime(): number {
    this.second += 1 + this.random.int(40)
    return this.second + (1 + this.random.int(999998)) / 1e6
  }

  newPost(parent: Post | null = null, profile: Wire = this.random.pick(this.crowd)): Post {
    const { random } = this
    const postedAt = this.nextTime()
    const id = postId(random, Math.floor(postedAt))
    const path = parent ? [parent.id, ...((parent.wire['parent_path'] ?? []) as string[])] : null
    const wire: Wire = {
      ...postWire(id, profile['user_id'] as string, postedAt, `video ${this.posts.length} ✨ 夜`),
      like_count: random.int(5000),
      view_count: 3000 + random.int(90000),
      unique_view_count: random.int(3000),
      attachments: [attachmentWire(random, id, postedAt)],
      parent_post_id: parent?.id ?? null,
      root_post_id: path?.at(-1) ?? null,
      parent_path: path,
      emoji: random.chance(0.7) ? random.pick(['🤘', '👩‍🚀', '🤬']) : null,
    }
    const post: Post = { id, wire, profile, parent, quiet: false, dead: 'no', truth: {} }
    this.posts.push(post)
    return post
  }

  newComment(post: Post, parent: Comment | null = null, flat = false): Comment {
    const { random } = this
    const profile = random.pick(this.crowd)
    const postedAt = this.nextTime()
    const id = commentId(random, Math.floor(postedAt))
    const path: string[] = [post.id, ...((post.wire['parent_path'] ?? []) as string[])]
    for (let up = parent, at = 0; up; up = up.parent) path.splice(at++, 0, up.id)
    const wire: Wire = {
      ...postWire(id, profile['user_id'] as string, postedAt, `words ${this.comments.length} 🎧`),
      like_count: random.int(50),
      parent_post_id: parent?.id ?? post.id,
      root_post_id: path.at(-1),
      parent_path: path,
    }
    const depth = (parent?.depth ?? 0) + 1
    const comment: Comment = { id, wire, profile, post, parent, depth, flat, dead: false }
    this.comments.push(comment)
    return comment
  }

  /** Makes it a tombstone in every answer. Its time is its id's, so that both readings agree. */
  bury(target: Post | Comment): void {
    target.dead = 'post' in target ? true : 'always'
    const second = Math.floor(target.wire['posted_at'] as number)
    target.wire = { ...target.wire, posted_at: second, updated_at: second + 4096.5 }
  }

  /** {post, profile} of a post or comment, with `parent_post` where the parent may be told. */
  wrap(target: Post | Comment, embed = true): (nowUs: number) => { post: Wire; profile: Wire } {
    return (nowUs) => {
      const isComment = 'post' in target
      const up = isComment ? (target.parent ?? target.post) : target.parent
      const told = embed && up && !('quiet' in up && up.quiet) && !('flat' in up && up.flat)
      const parent_post = told ? this.bare(up, nowUs, !isComment) : null
      const { post, profile } = this.bare(target, nowUs, false)
      return { post: { ...post, parent_post }, profile }
    }
  }

  private bare(target: Post | Comment, nowUs: number, asParentOfRemix: boolean) {
    const { dead } = target
    const buried = dead === true || dead === 'always' || (dead === 'wrappers' && asParentOfRemix)
    if (!buried) return { post: target.wire, profile: target.profile }
    this.toldDead(target, nowUs)
    const post: Wire = tombstoneWire(target.wire, nowUs / 1e6)
    if (target.id.startsWith('s_')) {
      Object.assign(post, { parent_post_id: null, root_post_id: null, parent_path: null })
    }
    return { post, profile: anonymousWire() }
  }

  /** `tombstoned_at` is the earliest seen, and known only once it was served. */
  private toldDead(target: Post | Comment, nowUs: number): void {
    const row = (this.truth.posts.get(target.id) ?? this.truth.comments.get(target.id))!
    const seen = row['tombstoned_at'] as number | null
    row['tombstoned_at'] = seen === null ? nowUs : Math.min(seen, nowUs)
  }

  /**
   * Serves the listing, and counts it among what a perfect walker asks: its first `needed` pages,
   * all of them where nothing else is said.
   */
  serve(endpoint: string, subject: string, pages: Page[], needed = pages.length): void {
    const name = listingName(endpoint, subject)
    const { pages: asked } = this.offer(endpoint, subject, pages)
    const cursors = [...asked.keys()].slice(0, needed)
    this.truth.pages.set(name, cursors.length)
    for (const cursor of cursors) {
      const request = requestName(endpoint, subject, cursor)
      this.truth.expected.push([request])
      const broken = asked.get(cursor)!.broken ?? 0
      if (broken > 0) this.truth.brokenItems.set(request, broken)
    }
  }

  /** Serves a listing that the walk from the feed has no need of. */
  offer(endpoint: string, subject: string, pages: Page[]): Listing {
    const name = listingName(endpoint, subject)
    if (this.listings.has(name)) throw new Error(`served twice: ${name}`)
    const listing = { endpoint, subject, pages: byCursor(pages) }
    this.listings.set(name, listing)
    return listing
  }

  /** A page that can be had under a second cursor: asking for either one is as good. */
  serveAlso(endpoint: string, subject: string, cursor: string, page: Page): void {
    this.listings.get(listingName(endpoint, subject))!.pages.set(cursor, page)
    const first = requestName(endpoint, subject, '')
    const choice = this.truth.expected.find(([request]) => request === first)!
    choice.push(requestName(endpoint, subject, cursor))
  }

  /** As an item of a list of bare posts: no profile beside it. */
  bareItem(post: Post): Item {
    return (nowUs) => this.wrap(post)(nowUs).post
  }
}
