import { describe, expect, it } from 'vitest'
import type { Table } from '../../src/model/table.js'
import { exportedColumns, exportedTables, tableOf, tables } from '../../src/model/tables.js'

const words = (text: string): string[] => text.trim().split(/\s+/)

/** `contract.md` section 2: each table, its key, and columns that others may rely on. */
const promised: Record<string, { key: string; columns: string }> = {
  users: {
    key: 'user_id',
    columns: `username display_name description location website permalink profile_picture_url
      cover_photo_url verified is_public_figure public_figure_name plan_type owner_user_id
      created_at updated_at banned_at follower_count following_count post_count reply_count
      likes_received_count remix_count cameo_count view_count character_count`,
  },
  posts: {
    key: 'post_id',
    columns: `author_id text caption emoji discovery_phrase source posted_at updated_at
      posted_to_public share_setting permalink preview_image_url cover_photo_url parent_post_id
      root_post_id repost_of_post_id repost_of_user_id is_featured tombstoned_at like_count
      dislike_count view_count unique_view_count reply_count recursive_reply_count remix_count
      share_count repost_count post_locations workspace_id`,
  },
  comments: {
    key: 'comment_id',
    columns: `post_id parent_comment_id depth author_id text posted_at updated_at posted_to_public
      share_setting tombstoned_at permalink like_count dislike_count reply_count
      recursive_reply_count post_locations workspace_id`,
  },
  remixes: { key: 'parent_post_id remix_post_id', columns: 'told_by' },
  attachments: {
    key: 'attachment_id',
    columns: `owner_kind owner_id position kind generation_id generation_type task_id width height
      duration_s n_frames prompt title output_blocked has_captions tags`,
  },
  generations: {
    key: 'generation_id',
    columns: `kind task_id generation_type prompt title width height duration_s n_frames
      orientation created_at reason reason_str error_reason storyboard_id remix_target_post_id
      post_id tags group_id assets`,
  },
  assets: {
    key: 'owner_kind owner_id variant asset_key',
    columns: 'url expires_at size_bytes ssim duration_s',
  },
  media: {
    key: 'asset_key',
    columns: 'state sha256 bytes content_type path saved_at deadline_at attempts error',
  },
  cameos: { key: 'owner_kind owner_id user_id', columns: '' },
  reposts: { key: 'owner_kind owner_id user_id', columns: '' },
  follows: { key: 'follower_id followee_id', columns: '' },
  text_facets: {
    key: 'owner_kind owner_id position',
    columns: 'kind start_char end_char user_id value',
  },
  tasks: {
    key: 'task_id',
    columns: 'status prompt title progress_pct created_at failure_reason task_type',
  },
  feed_entries: { key: 'response_id position', columns: 'feed post_id reposter_user_id' },
  leaderboard_entries: { key: 'response_id position', columns: 'user_id cameo_count' },
  search_entries: { key: 'response_id position', columns: 'term user_id' },
  observations: {
    key: 'entity_kind entity_id response_id',
    columns: `observed_at like_count dislike_count view_count unique_view_count reply_count
      recursive_reply_count remix_count share_count repost_count follower_count following_count
      post_count likes_received_count cameo_count character_count`,
  },
  revisions: { key: 'entity_kind entity_id field response_id', columns: 'observed_at old new' },
  absences: { key: 'entity_kind entity_id response_id', columns: 'observed_at reason' },
  anomalies: { key: 'response_id json_pointer', columns: 'problem excerpt' },
  listings: {
    key: 'listing_key',
    columns: 'endpoint subject pass pages items announced first_page_at ended_at end_reason',
  },
  passes: { key: 'pass', columns: 'started_at ended_at seeds' },
  runs: {
    key: 'run_id',
    columns: 'command seeds config version started_at ended_at outcome',
  },
  requests: {
    key: 'request_id',
    columns: `endpoint params request_key pass listing_key parent_request_id priority state reason
      attempts not_before error created_at finished_at`,
  },
  responses: {
    key: 'response_id',
    columns: `request_id run_id attempt base_url sent_at received_at status headers duration_ms
      billed cost_usd upstream_request_id origin clock body_sha256 body_bytes`,
  },
  bodies: { key: 'sha256', columns: 'encoding body' },
}

const allTables: readonly Table[] = tables
const names = (table: Table): string[] => table.columns.map((each) => each.name)

describe('tables', () => {
  it.each(Object.entries(promised))(
    'hold %s as the contract promises it',
    (name, { key, columns }) => {
      const table = allTables.find((each) => each.name === name)!

      const missing = words(`${key} ${columns}`).filter(
        (each) => each && !names(table).includes(each),
      )

      expect({ key: table.key, missing }).toEqual({ key: words(key), missing: [] })
    },
  )

  it('holds `requests` once a pass', () => {
    const { unique } = tableOf('requests')

    expect(unique).toEqual([['pass', 'request_key']])
  })

  it.each(allTables.filter(({ kind }) => ['entity', 'edge'].includes(kind)).map((each) => [each]))(
    '$name ends with when and by which answer it was seen',
    (table) => {
      const last = names(table).slice(-4)

      expect(last).toEqual([
        'first_seen_at',
        'last_seen_at',
        'first_response_id',
        'last_response_id',
      ])
    },
  )

  it.each(allTables.map((each) => [each]))('$name describes itself and every column', (table) => {
    const vague = table.columns.filter(({ about }) => !/^\S.*[.…]$/s.test(about))

    expect(vague.map(({ name }) => name)).toEqual([])
    expect(table.about).toMatch(/^[A-Z].*\.$/)
  })

  it.each(allTables.map((each) => [each]))(
    '$name names each column once, its key among them',
    (table) => {
      const distinct = new Set(names(table))

      expect(names(table)).toEqual([...distinct])
      expect(table.key.filter((each) => !distinct.has(each))).toEqual([])
    },
  )

  it.each(allTables.map((each) => [each]))('$name uses the words of the house', (table) => {
    const wrong = table.columns.filter(
      ({ name, type, unit, clearable, required }) =>
        !/^[a-z][a-z0-9_]*$/.test(name) ||
        (name.endsWith('_at') && type !== 'time') ||
        (name.endsWith('_count') && unit !== 'count') ||
        (clearable && required),
    )

    expect(wrong.map(({ name }) => name)).toEqual([])
  })

  it('puts every column of posts, comments and users into a group, but those merged on their own', () => {
    const own = ['user_id', 'post_id', 'comment_id', 'parent_comment_id', 'depth', 'tombstoned_at']

    const free = allTables
      .filter(({ entity }) => entity !== undefined)
      .flatMap(({ columns }) => columns.filter(({ group }) => group === undefined))
      .map(({ name }) => name)
      .filter((name) => !/^(summary|full|counters|first|last)_/.test(name))

    expect([...new Set(free)].sort()).toEqual([...own].sort())
  })
})

describe('exportedColumns', () => {
  it('leaves out what depends on who asked and what is for the archive alone', () => {
    const kept = exportedColumns(tableOf('attachments')).map(({ name }) => name)

    expect(kept).toEqual(
      names(tableOf('attachments')).filter((name) => !['task_id', 'told', 'older'].includes(name)),
    )
  })
})

describe('exportedTables', () => {
  it('takes entities, edges, entries and history always, the log on demand, the store never', () => {
    const always = exportedTables(false).map(({ name }) => name)
    const withLog = exportedTables(true).map(({ name }) => name)

    expect(always.toSorted()).toEqual(
      words(`absences assets attachments cameos comments feed_entries follows generations
        leaderboard_entries media observations posts remixes reposts revisions search_entries tasks
        text_facets users`),
    )
    expect(withLog.filter((name) => !always.includes(name)).toSorted()).toEqual(
      words('anomalies drift listings passes requests responses runs'),
    )
  })
})
