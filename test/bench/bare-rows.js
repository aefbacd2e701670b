// The rows of an answer of the local API as plain upserts by hand: the yardstick of the benchmarks. No
// history of late answers, no anomalies, and the shapes of the local API only.
import Database from 'better-sqlite3'

/** Gives what writes rows into a database that has the product's schema. */
export function openBareRows(database) {
  const statements = new Map()
  /** One upsert a table and set of columns; the first columns are the key. */
  function upsert(table, keyCount, row) {
    const names = Object.keys(row)
    const id = `${table} ${names.join()}`
    let statement = statements.get(id)
    if (!statement) {
      const key = names.slice(0, keyCount)
      const rest = names.slice(keyCount).filter((name) => !name.startsWith('first_'))
      const action = rest.length
        ? `DO UPDATE SET ${rest.map((name) => `${name} = excluded.${name}`).join()}`
        : 'DO NOTHING'
      statement = database.prepare(
        `INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()}) ON CONFLICT (${key.join()}) ${action}`,
      )
      statements.set(id, statement)
    }
    statement.run(Object.values(row))
  }

  const micros = (seconds) => (seconds == null ? null : Math.round(seconds * 1e6))
  const bit = (value) => (value == null ? null : value ? 1 : 0)
  const seen = (at, id) => ({
    first_seen_at: at,
    last_seen_at: at,
    first_response_id: id,
    last_response_id: id,
  })
  const counterNames = {
    post: [
      'like_count',
      'dislike_count',
      'view_count',
      'unique_view_count',
      'reply_count',
      'recursive_reply_count',
      'remix_count',
      'share_count',
      'repost_count',
    ],
    comment: ['like_count', 'dislike_count', 'reply_count', 'recursive_reply_count'],
    user: [
      'follower_count',
      'following_count',
      'post_count',
      'reply_count',
      'likes_received_count',
      'remix_count',
      'cameo_count',
    ],
  }
  const lastCounters = new Map()
  const pick = (names, object) =>
    Object.fromEntries(names.map((name) => [name, object[name] ?? null]))

  function sighting(kind, id, counters, at, response) {
    upsert('sightings', 3, {
      entity_kind: kind,
      entity_id: id,
      response_id: response,
      observed_at: at,
      told: 1,
    })
    const values = Object.values(counters).join()
    if (lastCounters.get(id) === values) return
    lastCounters.set(id, values)
    upsert('observations', 3, {
      entity_kind: kind,
      entity_id: id,
      response_id: response,
      observed_at: at,
      ...counters,
    })
  }

  function assetKey(address) {
    const cut = address.indexOf('?')
    const name = decodeURIComponent(new URL(cut < 0 ? address : address.slice(0, cut)).pathname)
    return name.replace(/^\/az/, '').replace(/^\/(vg-assets|files)\//, '')
  }

  function asset(kind, id, variant, address, at, response, facts = {}) {
    if (!address) return
    const se = /[?&]se=([^&]*)/.exec(address)
    const expires_at = se ? Date.parse(decodeURIComponent(se[1])) * 1000 : null
    upsert('assets', 4, {
      ...{ owner_kind: kind, owner_id: id, variant, asset_key: assetKey(address), url: address },
      ...{ expires_at, ...facts, told: 1, older: null, ...seen(at, response) },
    })
  }

  function profile(page, user, at, response) {
    if (!user || user.user_id === 'anonymous' || page.has(user.user_id)) return
    if (user.created_at !== undefined) page.add(user.user_id)
    const counters = user.created_at === undefined ? {} : pick(counterNames.user, user)
    const times = { summary_at: at, full_at: at, counters_at: at }
    const full =
      user.created_at === undefined
        ? {}
        : {
            ...pick(
              ['description', 'location', 'website', 'public_figure_name', 'plan_type'],
              user,
            ),
            ...{
              is_public_figure: bit(user.is_public_figure),
              cover_photo_url: user.cover_photo_url,
            },
            ...{
              created_at: micros(user.created_at),
              updated_at: micros(user.updated_at),
              ...counters,
            },
          }
    upsert('users', 1, {
      ...pick(['user_id', 'username', 'display_name', 'permalink', 'profile_picture_url'], user),
      ...{ verified: bit(user.verified), ...full, ...times, ...seen(at, response) },
    })
    sighting('user', user.user_id, counters, at, response)
    asset('user', user.user_id, 'profile_picture', user.profile_picture_url, at, response)
  }

  function post(page, item, at, response) {
    const { post: object, profile: author } = item
    profile(page, author, at, response)
    if (object.parent_post) post(page, object.parent_post, at, response)
    if (page.has(object.id)) return
    page.add(object.id)
    const kind = object.id.startsWith('s_') ? 'post' : 'comment'
    const counters = pick(counterNames[kind], object)
    const shared = {
      ...{ author_id: object.shared_by, text: object.text, posted_at: micros(object.posted_at) },
      ...{ updated_at: micros(object.updated_at), posted_to_public: bit(object.posted_to_public) },
      ...{ share_setting: object.permissions.share_setting, permalink: object.permalink },
      ...{ tombstoned_at: micros(object.tombstoned_at), ...counters },
      ...{ summary_at: at, full_at: at, counters_at: at, ...seen(at, response) },
    }
    const chain = object.parent_path ?? []
    if (kind === 'post') {
      upsert('posts', 1, {
        ...{
          post_id: object.id,
          ...pick(
            [
              'caption',
              'emoji',
              'discovery_phrase',
              'source',
              'preview_image_url',
              'cover_photo_url',
              'parent_post_id',
              'root_post_id',
            ],
            object,
          ),
          ...shared,
        },
      })
      ;[object.id, ...chain].slice(0, -1).forEach((remix_post_id, index) => {
        const parent_post_id = chain[index]
        upsert('remixes', 2, {
          parent_post_id,
          remix_post_id,
          told_by: 'parent_path',
          ...seen(at, response),
        })
      })
    } else {
      const level = chain.findIndex((id) => id.startsWith('s_'))
      const parent_comment_id = level === 0 ? null : chain[0]
      upsert('comments', 1, {
        comment_id: object.id,
        post_id: chain[level],
        parent_comment_id,
        depth: level + 1,
        ...shared,
      })
    }
    sighting(kind, object.id, counters, at, response)
    object.attachments.forEach((each, position) => {
      upsert('attachments', 1, {
        ...{ attachment_id: each.id, owner_kind: kind, owner_id: object.id, position },
        ...pick(
          [
            'kind',
            'generation_id',
            'generation_type',
            'task_id',
            'width',
            'height',
            'duration_s',
            'n_frames',
            'prompt',
            'title',
          ],
          each,
        ),
        ...{
          output_blocked: bit(each.output_blocked),
          told: 1,
          older: null,
          ...seen(at, response),
        },
      })
      asset(kind, object.id, 'url', each.url, at, response)
      asset(kind, object.id, 'downloadable_url', each.downloadable_url, at, response)
      for (const [variant, encoding] of Object.entries(each.encodings))
        if (encoding)
          asset(kind, object.id, variant, encoding.path, at, response, {
            size_bytes: encoding.size ?? null,
            ssim: encoding.ssim ?? null,
            duration_s: encoding.duration_secs ?? null,
          })
    })
    ;(object.text_facets ?? []).forEach((facet, position) => {
      profile(page, facet.profile, at, response)
      upsert('text_facets', 3, {
        ...{
          owner_kind: kind,
          owner_id: object.id,
          position,
          kind: facet.type,
          start_char: facet.start,
        },
        ...{
          end_char: facet.end,
          user_id: facet.profile.user_id,
          value: object.text.slice(facet.start, facet.end),
        },
        ...{ told: 1, older: null, ...seen(at, response) },
      })
    })
    for (const user of object.cameo_profiles ?? []) {
      profile(page, user, at, response)
      upsert('cameos', 3, {
        owner_kind: kind,
        owner_id: object.id,
        user_id: user.user_id,
        ...seen(at, response),
      })
    }
  }

  /** Writes all that an answer tells; `plan` is told what would be asked next. */
  function writePage({ endpoint, params, data, response, at }, plan) {
    const { items, cursor } = data.children ?? data
    const next = cursor ?? data.cursor
    const page = new Set()
    if (data.post) post(page, data, at, response)
    const listing = `1 ${endpoint} ${params.post_id ?? params.comment_id ?? ''}`
    upsert('listings', 1, {
      listing_key: listing,
      endpoint,
      pass: 1,
      pages: 1,
      items: items.length,
      stale_pages: 0,
      known_run: 0,
    })
    items.forEach((item, position) => {
      post(page, item, at, response)
      const { id, reply_count, recursive_reply_count, remix_count, tombstoned_at } = item.post
      upsert('listing_items', 2, { listing_key: listing, item_id: id })
      const hasReplies = tombstoned_at || reply_count || recursive_reply_count
      if (id.startsWith('s_')) {
        if (endpoint === 'get_feed')
          upsert('feed_entries', 2, { response_id: response, position, feed: null, post_id: id })
        if (hasReplies) plan('get_post_comments', { post_id: id })
        if (remix_count) plan('get_post_remix_list', { post_id: id })
      } else if (hasReplies) plan('get_comment_replies', { comment_id: id })
    })
    if (next) plan(endpoint, { ...params, cursor: next })
  }

  return { upsert, writePage }
}

/** A new database with the tables and indexes of another. */
export function openBareTarget(from, target) {
  const database = new Database(target)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = normal')
  database.pragma('wal_autocheckpoint = 10000')
  for (const { sql } of from
    .prepare("SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL")
    .all())
    database.exec(sql)
  return database
}
