import { coveredEnds } from '../model/listing-end.js'

/**
 * Why a post's list holds fewer items than its counters announce; NULL where it does not. Told by the
 * list itself, by what its last walk came to, and by requests that were left out or failed.
 */
const differenceSql = (announced: string, held: string, endpoint: string): string =>
  `CASE
     WHEN coalesce(${announced}, 0) <= ${held} THEN NULL
     WHEN tombstoned_at IS NOT NULL THEN 'deleted'
     WHEN EXISTS (SELECT 1 FROM ${leftOf(endpoint)} AND state = 'failed') THEN 'failed'
     ELSE coalesce(
       (SELECT 'not asked by choice: ' || reason FROM ${leftOf(endpoint)} AND state = 'skipped' LIMIT 1),
       (SELECT CASE
          WHEN ended_at IS NULL THEN 'unfinished'
          WHEN end_reason IN (${covered}) AND ended_at < counters_at THEN 'counter newer than the walk'
          WHEN end_reason IN (${covered}) THEN 'announced, but not in the list'
          ELSE 'failed'
        END
        FROM listings WHERE endpoint = '${endpoint}' AND subject = post_id
        ORDER BY pass DESC LIMIT 1),
       'not asked')
   END`

/**
 * The requests of a post's list that were left out or failed, in any pass. Left to itself, SQLite goes
 * for every post through all requests of that state.
 */
const leftOf = (endpoint: string): string =>
  `requests INDEXED BY requests_left WHERE state IN ('skipped', 'failed') AND listing_key IN
     (SELECT pass || ' ${endpoint} ' || post_id FROM passes)`

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
          ${differenceSql('announced_comments_and_replies', 'held_comments + held_replies', 'get_post_comments')} AS thread_difference,
          ${differenceSql('announced_remixes', 'held_remixes', 'get_post_remix_list')} AS remix_difference
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
   )`,
]
