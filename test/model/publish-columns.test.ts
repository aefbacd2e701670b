import { describe, expect, it } from 'vitest'
import { exportedColumns, exportedTables, tables } from '../../src/model/tables.js'
import type { Column, Table } from '../../src/model/table.js'

/** What each column of each exported table becomes in a dataset that is published: a new one fails here. */
const outcomes: Record<string, Record<string, string>> = {
  users: {
    person: 'user_id owner_user_id',
    handle: 'username',
    dropped:
      'display_name description location website permalink profile_picture_url cover_photo_url public_figure_name plan_type updated_at',
    keep: 'verified is_public_figure follower_count following_count post_count reply_count likes_received_count remix_count cameo_count view_count character_count summary_at full_at counters_at first_seen_at last_seen_at',
    day: 'created_at banned_at',
    answer: 'first_response_id last_response_id',
  },
  posts: {
    id: 'post_id',
    person: 'author_id repost_of_user_id',
    text: 'text caption discovery_phrase',
    glyph: 'emoji',
    word: 'source share_setting',
    keep: 'posted_at updated_at posted_to_public is_featured tombstoned_at like_count dislike_count view_count unique_view_count reply_count recursive_reply_count remix_count share_count repost_count summary_at full_at counters_at first_seen_at last_seen_at',
    dropped: 'permalink preview_image_url cover_photo_url post_locations workspace_id',
    post: 'parent_post_id root_post_id repost_of_post_id',
    answer: 'first_response_id last_response_id',
  },
  comments: {
    id: 'comment_id',
    post: 'post_id',
    comment: 'parent_comment_id',
    keep: 'depth posted_at updated_at posted_to_public tombstoned_at like_count dislike_count reply_count recursive_reply_count summary_at full_at counters_at first_seen_at last_seen_at',
    person: 'author_id',
    text: 'text',
    word: 'share_setting',
    dropped: 'permalink post_locations workspace_id',
    answer: 'first_response_id last_response_id',
  },
  remixes: {
    id: 'parent_post_id remix_post_id',
    word: 'told_by',
    keep: 'first_seen_at last_seen_at',
    answer: 'first_response_id last_response_id',
  },
  attachments: {
    id: 'attachment_id',
    word: 'owner_kind kind generation_type',
    object: 'owner_id',
    keep: 'position width height duration_s n_frames output_blocked has_captions first_seen_at last_seen_at',
    dropped: 'generation_id prompt title style tags',
    answer: 'first_response_id last_response_id',
  },
  generations: {
    dropped:
      'generation_id kind task_id generation_type prompt title width height duration_s n_frames orientation created_at reason reason_str error_reason storyboard_id remix_target_post_id post_id style tags group_id assets first_seen_at last_seen_at first_response_id last_response_id',
  },
  assets: {
    word: 'owner_kind variant',
    object: 'owner_id',
    file: 'asset_key',
    dropped: 'url expires_at',
    keep: 'size_bytes ssim duration_s first_seen_at last_seen_at',
    answer: 'first_response_id last_response_id',
  },
  cameos: {
    word: 'owner_kind',
    object: 'owner_id',
    person: 'user_id',
    keep: 'first_seen_at last_seen_at',
    answer: 'first_response_id last_response_id',
  },
  reposts: {
    word: 'owner_kind',
    object: 'owner_id',
    person: 'user_id',
    keep: 'first_seen_at last_seen_at',
    answer: 'first_response_id last_response_id',
  },
  follows: {
    person: 'follower_id followee_id',
    keep: 'first_seen_at last_seen_at',
    answer: 'first_response_id last_response_id',
  },
  text_facets: {
    word: 'owner_kind kind',
    object: 'owner_id',
    keep: 'position first_seen_at last_seen_at',
    dropped: 'start_char end_char',
    person: 'user_id',
    text: 'value',
    answer: 'first_response_id last_response_id',
  },
  tasks: {
    dropped:
      'task_id status prompt title progress_pct created_at failure_reason task_type first_seen_at last_seen_at first_response_id last_response_id',
  },
  feed_entries: {
    answer: 'response_id',
    keep: 'position',
    word: 'feed',
    id: 'post_id',
    person: 'reposter_user_id',
  },
  leaderboard_entries: {
    answer: 'response_id',
    keep: 'position cameo_count',
    person: 'user_id',
  },
  search_entries: {
    answer: 'response_id',
    keep: 'position',
    dropped: 'term',
    person: 'user_id',
  },
  observations: {
    word: 'entity_kind',
    object: 'entity_id',
    answer: 'response_id',
    keep: 'observed_at like_count dislike_count view_count unique_view_count reply_count recursive_reply_count remix_count share_count repost_count follower_count following_count post_count likes_received_count cameo_count character_count',
  },
  revisions: {
    word: 'entity_kind',
    object: 'entity_id',
    own: 'field',
    answer: 'response_id',
    keep: 'observed_at',
    change: 'old new',
  },
  absences: {
    word: 'entity_kind reason',
    object: 'entity_id',
    answer: 'response_id',
    keep: 'observed_at',
  },
  media: {
    file: 'asset_key',
    word: 'state',
    id: 'sha256',
    keep: 'bytes saved_at ended_at',
    dropped: 'content_type path deadline_at attempts error reason',
  },
  anomalies: {
    answer: 'response_id',
    place: 'json_pointer',
    dropped: 'problem excerpt',
  },
  drift: {
    dropped: 'endpoint place type answers first_seen_at first_response_id example',
  },
  listings: {
    list: 'listing_key',
    word: 'endpoint end_reason',
    dropped: 'subject',
    keep: 'pass pages items stale_pages announced announced_below known_run first_page_at ended_at',
  },
  passes: {
    keep: 'pass started_at ended_at',
    seeds: 'seeds',
  },
  runs: {
    keep: 'run_id started_at ended_at',
    word: 'command outcome',
    dropped: 'seeds',
    settings: 'config',
    own: 'version',
  },
  requests: {
    keep: 'request_id pass parent_request_id priority thread page depth attempts created_at finished_at',
    word: 'endpoint state reason',
    dropped: 'params request_key not_before error',
    list: 'listing_key',
  },
  responses: {
    answer: 'response_id',
    keep: 'request_id run_id attempt sent_at received_at status duration_ms cost_usd',
    word: 'endpoint billed clock outcome',
    dropped: 'params base_url headers upstream_request_id body_sha256 body_bytes',
    origin: 'origin',
  },
}

/** All that is in the profile `ids`. */
const ids: Record<string, string> = {
  users: 'user_id owner_user_id',
  posts: 'post_id author_id parent_post_id root_post_id repost_of_post_id repost_of_user_id',
  comments: 'comment_id post_id parent_comment_id depth author_id',
  remixes: 'parent_post_id remix_post_id told_by',
  cameos: 'owner_kind owner_id user_id',
  reposts: 'owner_kind owner_id user_id',
  follows: 'follower_id followee_id',
  text_facets: 'owner_kind owner_id position user_id',
}

const outcomeOf = (table: Table, column: Column): string =>
  table.private ? 'dropped' : (column.publish ?? 'dropped')

function outcomesOf(table: Table): Record<string, string> {
  const found: Record<string, string[]> = {}
  for (const each of exportedColumns(table)) (found[outcomeOf(table, each)] ??= []).push(each.name)
  return Object.fromEntries(Object.entries(found).map(([name, list]) => [name, list.join(' ')]))
}

const everyColumn = (tables as readonly Table[]).flatMap((table) =>
  table.columns.map((column) => ({ table, column })),
)

describe('what columns become when they are published', () => {
  it('is said of every column that leaves', () => {
    const found = exportedTables(true).map((each) => [each.name, outcomesOf(each)])

    expect(Object.fromEntries(found)).toEqual(outcomes)
  })

  it('is ids and edges in the profile `ids`', () => {
    const found = exportedTables(true, 'ids').map((table) => [
      table.name,
      exportedColumns(table, 'ids')
        .map((each) => each.name)
        .join(' '),
    ])

    expect(Object.fromEntries(found)).toEqual(ids)
  })

  it('keeps no text as it is', () => {
    const kept = everyColumn.filter(
      ({ column: { publish, type } }) =>
        publish === 'keep' && ['text', 'json', 'blob'].includes(type),
    )

    expect(kept).toEqual([])
  })

  it('lets no column out that depends on who asked, or is for the archive alone', () => {
    const wrong = everyColumn.filter(
      ({ column: { publish, viewer, internal } }) => publish && (viewer || internal),
    )

    expect(wrong).toEqual([])
  })

  it('never takes a key apart', () => {
    const lost = exportedTables(true, 'research').filter((table) => {
      const names = exportedColumns(table, 'research').map((each) => each.name)
      return !table.key.every((each) => names.includes(each))
    })

    expect(lost).toEqual([])
  })

  it('says the words of every word', () => {
    const wrong = everyColumn.filter(
      ({ column: { publish, words = [] } }) => (publish === 'word') !== words.length > 0,
    )

    expect(wrong).toEqual([])
  })
})
