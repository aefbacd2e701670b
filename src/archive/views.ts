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

  `CREATE VIEW coverage AS
   SELECT posts.post_id,
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
   FROM posts`,
]
