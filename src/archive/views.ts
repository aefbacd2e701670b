import { coveredEnds } from '../model/listing-end.js'

/** Lists of one endpoint that a part of a post consists of; `subjects`: whose they are, in SQL. */
interface ListsOfPart {
  endpoint: string
  subjects: string
}

const ofPost = (endpoint: string): ListsOfPart => ({ endpoint, subjects: 'SELECT post_id AS id' })

/** One list for every comment that has replies. */
const ofReplies: ListsOfPart = {
  endpoint: 'get_comment_replies',
  subjects: `SELECT comment_id AS id FROM comments
             WHERE comments.post_id = counted.post_id AND reply_count > 0`,
}

/**
 * Why the lists of a post hold fewer items than its counters announce; NULL where they do not. Told by
 * absences of the post, by requests that were left out or failed, by what the last walk of the first of
 * the lists came to, and by those behind it that no walk has ended.
 */
const differenceSql = (
  announced: string,
  held: string,
  [first, ...others]: [ListsOfPart, ...ListsOfPart[]],
): string =>
  `CASE
     WHEN coalesce(${announced}, 0) <= ${held} THEN NULL
     WHEN ${isDeleted} THEN 'deleted'
     WHEN ${anyOf([first, ...others], (lists) => `EXISTS (${leftOf(lists, 'failed')})`)} THEN 'failed'
     ELSE coalesce(
       ${[first, ...others].map((lists) => `(${leftOf(lists, 'skipped')})`).join(', ')},
       (SELECT CASE
          WHEN ended_at IS NULL THEN 'unfinished'
          WHEN end_reason NOT IN (${covered}) THEN 'failed'
          WHEN ${anyOf(others, isOpen)} THEN iif(pass > 0, 'unfinished', 'not asked')
          WHEN ended_at < counters_at THEN 'counter newer than the walk'
          ELSE 'announced, but not in the list'
        END
        FROM listings WHERE endpoint = '${first.endpoint}' AND subject = post_id
        ORDER BY pass DESC LIMIT 1),
       'not asked')
   END`

/** The post was not there any more when it was told last. */
const isDeleted = `EXISTS (
  SELECT 1 FROM absences JOIN posts ON posts.post_id = entity_id
  WHERE entity_kind = 'post' AND entity_id = counted.post_id
    AND reason IN ('tombstoned', 'not_found') AND observed_at >= posts.last_seen_at)`

const anyOf = (each: readonly ListsOfPart[], toSql: (lists: ListsOfPart) => string): string =>
  each.map(toSql).join(' OR ') || 'FALSE'

/** A list that no walk has ended. */
const isOpen = ({ endpoint, subjects }: ListsOfPart): string =>
  `EXISTS (SELECT 1 FROM (${subjects}) WHERE NOT EXISTS (
     SELECT 1 FROM listings
     WHERE endpoint = '${endpoint}' AND subject = id AND end_reason IN (${covered})))`

/**
 * Why a request of the lists was left out or failed; a pass before the last whole walk says nothing. From
 * the lists to their requests, by the index of those that were left: left to itself, SQLite goes for every
 * post through all requests of that state.
 */
const leftOf = ({ endpoint, subjects }: ListsOfPart, state: 'skipped' | 'failed'): string =>
  `SELECT 'not asked by choice: ' || requests.reason
   FROM (${subjects}) CROSS JOIN passes
   CROSS JOIN requests INDEXED BY requests_left ON listing_key = passes.pass || ' ${endpoint} ' || id
   WHERE state IN ('skipped', 'failed') AND +state = '${state}'
     AND passes.pass >= coalesce((
       SELECT max(listings.pass) FROM listings
       WHERE endpoint = '${endpoint}' AND subject = id AND end_reason IN (${covered})), 0)
   LIMIT 1`

const covered = coveredEnds.map((reason) => `'${reason}'`).join(', ')

/** The views of an archive: what readers ask for most, in plain SQL. */
export const views: readonly string[] = [
  `CREATE VIEW replies AS
   SELECT * FROM comments WHERE depth > 1`,

  `CREATE VIEW current_assets AS
   SELECT owner_kind, owner_id, variant, asset_key, url, expires_at, size_bytes, ssim, duration_s,
          first_seen_at, last_seen_at, first_response_id, last_response_id
   FROM (
     SELECT *, row_number() OVER (
       PARTITION BY owner_kind, owner_id, variant
       ORDER BY last_seen_at DESC, last_response_id DESC, asset_key DESC
     ) AS place
     FROM assets
   )
   WHERE place = 1`,

  `CREATE VIEW costs AS
   SELECT run_id, endpoint,
          count(*) AS calls,
          count(*) FILTER (WHERE outcome = 'page') AS answers,
          count(*) FILTER (WHERE billed = 'yes') AS billed,
          count(*) FILTER (WHERE billed = 'unknown') AS billed_unknown,
          total(CASE WHEN billed <> 'no' THEN cost_usd END) AS cost_usd
   FROM responses
   WHERE origin = 'network'
   GROUP BY run_id, endpoint`,

  `CREATE VIEW post_history AS
   SELECT entity_id AS post_id, observed_at, like_count, dislike_count, view_count,
          unique_view_count, reply_count, recursive_reply_count, remix_count, share_count,
          repost_count, response_id
   FROM observations WHERE entity_kind = 'post'`,

  `CREATE VIEW presence AS
   SELECT absent.entity_kind, absent.entity_id, absent.reason, absent.observed_at,
          absent.response_id,
          coalesce(posts.last_seen_at, comments.last_seen_at, users.last_seen_at) AS last_seen_at,
          coalesce(posts.last_seen_at, comments.last_seen_at, users.last_seen_at, 0)
            > absent.observed_at AS is_back
   FROM (
     SELECT *, row_number() OVER (
       PARTITION BY entity_kind, entity_id ORDER BY observed_at DESC, response_id DESC
     ) AS place
     FROM absences
   ) AS absent
   LEFT JOIN posts ON absent.entity_kind = 'post' AND posts.post_id = absent.entity_id
   LEFT JOIN comments ON absent.entity_kind = 'comment' AND comments.comment_id = absent.entity_id
   LEFT JOIN users ON absent.entity_kind = 'user' AND users.user_id = absent.entity_id
   WHERE absent.place = 1`,

  `CREATE VIEW coverage AS
   SELECT *,
          ${differenceSql('announced_comments_and_replies', 'held_comments + held_replies', [ofPost('get_post_comments'), ofReplies])} AS thread_difference,
          ${differenceSql('announced_remixes', 'held_remixes', [ofPost('get_post_remix_list')])} AS remix_difference
   FROM (
     SELECT posts.post_id, posts.tombstoned_at, posts.counters_at,
            posts.recursive_reply_count AS announced_comments_and_replies,
            posts.reply_count AS announced_comments,
            (SELECT count(*) FROM comments
              WHERE comments.post_id = posts.post_id AND depth = 1) AS held_comments,
            max(posts.recursive_reply_count - posts.reply_count, 0) AS announced_replies,
            (SELECT count(*) FROM comments
              WHERE comments.post_id = posts.post_id AND depth > 1) AS held_replies,
            posts.remix_count AS announced_remixes,
            (SELECT count(*) FROM remixes
              WHERE remixes.parent_post_id = posts.post_id) AS held_remixes
     FROM posts
   ) AS counted`,
]
