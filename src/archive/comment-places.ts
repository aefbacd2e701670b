import type Database from 'better-sqlite3'

interface Place {
  post_id: string | null
  parent_comment_id: string | null
  depth: number | null
}

/**
 * Completes where comments hang, from their parents: a reply that names only the comment it answers
 * gets `post_id` and `depth` as soon as that comment is known, whichever comes first.
 */
export class CommentPlaces {
  private readonly select: Database.Statement
  private readonly update: Database.Statement
  private readonly unplaced: Database.Statement

  constructor(database: Database.Database) {
    this.select = database.prepare(
      'SELECT post_id, parent_comment_id, depth FROM comments WHERE comment_id = ?',
    )
    this.update = database.prepare(
      'UPDATE comments SET post_id = ?, depth = ? WHERE comment_id = ?',
    )
    this.unplaced = database
      .prepare(
        'SELECT comment_id FROM comments WHERE parent_comment_id = ? AND (post_id IS NULL OR depth IS NULL)',
      )
      .pluck()
  }

  complete(commentIds: Iterable<string>): void {
    const pending = [...commentIds]
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const place = this.select.get(id) as Place | undefined
      if (place === undefined) continue
      const known = isPlaced(place) ? place : this.completeFromParent(id, place)
      if (known === null) continue
      for (const child of this.unplaced.all(id) as string[]) if (child !== id) pending.push(child)
    }
  }

  /** The place of a comment after its parent was asked; NULL if nothing new is known. */
  private completeFromParent(id: string, place: Place): Place | null {
    if (place.parent_comment_id === null) return null
    const parent = this.select.get(place.parent_comment_id) as Place | undefined
    if (parent === undefined) return null
    const depth = place.depth ?? (parent.depth === null ? null : parent.depth + 1)
    const postId = place.post_id ?? parent.post_id
    if (depth === place.depth && postId === place.post_id) return null
    this.update.run(postId, depth, id)
    return { ...place, post_id: postId, depth }
  }
}

const isPlaced = (place: Place): boolean => place.post_id !== null && place.depth !== null
