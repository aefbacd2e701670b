/** What a node of a graph may be, and where it is described. */
export interface NodeKind {
  table: string
  /** Column of its id. */
  key: string
  /** Column of the time at which it came about; NULL where none tells it. */
  at: string | null
  /** Columns that a node carries, besides its id. */
  attributes: readonly string[]
}

/** Every kind of node, under the name that seeds have for it. */
export const nodeKinds = {
  post: {
    table: 'posts',
    key: 'post_id',
    at: 'posted_at',
    attributes: [
      ...['author_id', 'posted_at', 'tombstoned_at', 'like_count', 'view_count', 'reply_count'],
      ...['recursive_reply_count', 'remix_count'],
    ],
  },
  comment: {
    table: 'comments',
    key: 'comment_id',
    at: 'posted_at',
    attributes: [
      ...['author_id', 'posted_at', 'tombstoned_at', 'post_id', 'depth', 'like_count'],
      ...['reply_count', 'recursive_reply_count'],
    ],
  },
  generation: {
    table: 'generations',
    key: 'generation_id',
    at: 'created_at',
    attributes: ['created_at', 'post_id', 'duration_s'],
  },
  user: {
    table: 'users',
    key: 'user_id',
    at: null,
    attributes: [
      ...['username', 'verified', 'is_public_figure', 'created_at', 'follower_count'],
      ...['following_count', 'post_count', 'likes_received_count', 'cameo_count'],
    ],
  },
} as const satisfies Readonly<Record<string, NodeKind>>

/** Name of a kind of node. */
export type NodeKindName = keyof typeof nodeKinds
