import { clocks } from './answer-time.js'
import { billings } from './billed.js'
import type { EndpointName } from './endpoints.js'
import type { NativePage } from './native-pages.js'
import { endReasons, oddReasons, requestReasons } from './reasons.js'
import { blob, bool, int, json, real, text, time, word, type Table } from './table.js'

const response = text('response_id', 'The answer that told it.', {
  required: true,
  publish: 'answer',
})

/**
 * The endpoints, and the kinds of native pages: what a published table may say of a call. Asked for by
 * their types, since they themselves read the tables.
 */
const endpointNames: Record<EndpointName | NativePage, true> = {
  ...{ get_feed: true, get_post_detail: true, get_post_remix_list: true },
  ...{ get_post_comments: true, get_comment_replies: true, get_user_profile: true },
  ...{ get_user_posts: true, get_user_cameo_appearances: true, get_user_followers: true },
  ...{ get_user_following: true, get_cameo_leaderboard: true, search_users: true },
  ...{ get_video_download_info: true, upload_image: true, create_video: true },
  ...{ get_task_status: true, get_task_detail: true, native_drafts: true, native_draft: true },
  ...{ native_pending_tasks: true, native_export: true, native_people: true, native_posts: true },
}

const endpointWord = word(Object.keys(endpointNames))

/** How the archive came about: answers, requests, lists, runs, files. */
export const logTables = [
  {
    name: 'media',
    kind: 'log',
    about: 'State of every file that was wanted.',
    key: ['asset_key'],
    exported: 'always',
    derived: false,
    indexes: [['state', 'deadline_at'], ['sha256']],
    columns: [
      text('asset_key', 'The file.', { required: true, publish: 'file' }),
      text('state', 'wanted, saved, lost, failed or refused.', {
        required: true,
        ...word('wanted saved lost failed refused'),
      }),
      text('sha256', 'Digest of the content.', { publish: 'id' }),
      int('bytes', 'Size.', { unit: 'bytes', publish: 'keep' }),
      text('content_type', 'Media type.'),
      text('path', 'Place below the archive folder.'),
      time('saved_at', 'When it was saved.', { publish: 'keep' }),
      time('deadline_at', 'When the newest signature ends.'),
      int('attempts', 'Tries so far.', { unit: 'count' }),
      text('error', 'Why it is not saved.'),
      text('reason', 'The kind of trouble, in one word; NULL for a file without any.'),
      time('ended_at', 'When it was lost, failed or refused.', { publish: 'keep' }),
    ],
  },
  {
    name: 'anomalies',
    kind: 'log',
    about: 'Whatever could not be read as expected.',
    key: ['response_id', 'json_pointer'],
    exported: 'with-log',
    derived: true,
    columns: [
      response,
      text('json_pointer', 'Place in the whole answer (RFC 6901).', {
        required: true,
        publish: 'place',
      }),
      text('problem', 'What was expected and what came.', { required: true }),
      text('excerpt', 'The first characters of what came.'),
    ],
  },
  {
    name: 'drift',
    kind: 'log',
    about:
      'What answers hold and are not known to: new keys, known keys with a new type, and whatever stands under keys of which nobody knows what they mean.',
    key: ['endpoint', 'place', 'type'],
    exported: 'with-log',
    private: true,
    derived: true,
    columns: [
      text('endpoint', 'Endpoint, or the kind of native page.', { required: true }),
      text('place', 'Kind of object and key.', { required: true }),
      text('type', 'string, number, boolean, object or array.', { required: true }),
      int('answers', 'Answers that hold it.', { required: true, unit: 'count' }),
      time('first_seen_at', 'Time of the earliest of them.', { required: true }),
      text('first_response_id', 'The earliest of them.', { required: true }),
      text('example', 'The first characters of the value there, as JSON.'),
    ],
  },
  {
    name: 'listings',
    kind: 'log',
    about: 'How far each list was walked, and how it ended.',
    key: ['listing_key'],
    exported: 'with-log',
    derived: true,
    indexes: [['endpoint', 'subject', 'pass']],
    columns: [
      text('listing_key', 'Endpoint, subject and pass.', { required: true, publish: 'list' }),
      text('endpoint', 'Endpoint.', { required: true, ...endpointWord }),
      text('subject', 'What it is the list of; NULL for the feed.'),
      int('pass', 'Pass; 0 for what was imported.', { required: true, publish: 'keep' }),
      int('pages', 'Pages held.', { required: true, unit: 'count', publish: 'keep' }),
      int('items', 'Different items held.', { required: true, unit: 'count', publish: 'keep' }),
      int('stale_pages', 'Pages in a row, up to the last, without a new item; 0 for imports.', {
        required: true,
        unit: 'count',
        publish: 'keep',
      }),
      int(
        'announced',
        'Items that a counter announced at the last page; NULL where it was not walked.',
        {
          unit: 'count',
          publish: 'keep',
        },
      ),
      int(
        'announced_below',
        'Comments that counters announced, those below its items included; NULL where it was not walked.',
        {
          unit: 'count',
          publish: 'keep',
        },
      ),
      int('known_run', 'Items in a row, up to the last, that an earlier pass had shown.', {
        required: true,
        unit: 'count',
        publish: 'keep',
      }),
      time('first_page_at', 'Time of the first page.', { publish: 'keep' }),
      time('ended_at', 'Time of the page that ended it; NULL while it goes on.', {
        publish: 'keep',
      }),
      text(
        'end_reason',
        'end (no further cursor), count_reached, cursor_repeated, no_new_items, known_items (an earlier pass had walked the rest), cursor_unreadable, inlined (it came inside another answer), or why its last request failed.',
        word([...endReasons, 'not_found', 'forbidden']),
      ),
    ],
  },
  {
    name: 'listing_items',
    kind: 'store',
    about: 'Which items each list has shown.',
    key: ['listing_key', 'item_id'],
    exported: 'never',
    derived: true,
    columns: [
      text('listing_key', 'The list.', { required: true }),
      text('item_id', 'The item.', { required: true }),
    ],
  },
  {
    name: 'listing_pages',
    kind: 'store',
    about: 'Which pages of imported lists are held: where each begins and where it leads.',
    key: ['listing_key', 'cursor', 'next_cursor'],
    exported: 'never',
    derived: true,
    columns: [
      text('listing_key', 'The list.', { required: true }),
      text('cursor', 'The cursor that was asked with; empty for the first page.', {
        required: true,
      }),
      text('next_cursor', 'The cursor that it gave; empty at the end.', { required: true }),
    ],
  },
  {
    name: 'passes',
    kind: 'log',
    about: 'Walks over the seeds.',
    key: ['pass'],
    exported: 'with-log',
    derived: false,
    columns: [
      int('pass', 'Number, from 1.', { required: true, publish: 'keep' }),
      time('started_at', 'Start.', { required: true, publish: 'keep' }),
      time('ended_at', 'End; NULL while it goes on.', { publish: 'keep' }),
      json('seeds', 'The seeds, as a JSON list.', { required: true, publish: 'seeds' }),
    ],
  },
  {
    name: 'runs',
    kind: 'log',
    about: 'Runs of the program that wrote to the archive.',
    key: ['run_id'],
    exported: 'with-log',
    derived: false,
    columns: [
      int('run_id', 'Number, from 1.', { required: true, publish: 'keep' }),
      text('command', 'crawl, import, media, or call with its endpoint.', {
        required: true,
        ...word('crawl import media rebuild'),
      }),
      json('seeds', 'Seeds or files, as a JSON list.'),
      json('config', 'Settings in force; no secrets.', { publish: 'settings' }),
      text('version', 'Version of the program.', { required: true, publish: 'own' }),
      time('started_at', 'Start.', { required: true, publish: 'keep' }),
      time('ended_at', 'End; NULL for a run that was killed.', { publish: 'keep' }),
      text(
        'outcome',
        'done, budget, refused, interrupted or failures.',
        word('done budget refused interrupted failures'),
      ),
    ],
  },
  {
    name: 'requests',
    kind: 'log',
    about: 'The frontier: what was asked, is to be asked, or was left out.',
    key: ['request_id'],
    exported: 'with-log',
    derived: false,
    indexes: [['state', 'priority', 'request_id'], ['parent_request_id']],
    unique: [['pass', 'request_key']],
    columns: [
      int('request_id', 'Number, from 1.', { required: true, publish: 'keep' }),
      text('endpoint', 'Endpoint.', { required: true, ...endpointWord }),
      json('params', 'Parameters as sent.', { required: true }),
      text('request_key', 'Endpoint and parameters; once in a pass.', { required: true }),
      int('pass', 'Pass.', { required: true, publish: 'keep' }),
      text('listing_key', 'The list of which it is a page.', { publish: 'list' }),
      int('parent_request_id', 'The request whose answer led here; NULL for a seed.', {
        publish: 'keep',
      }),
      int('priority', 'Lower goes first.', { required: true, publish: 'keep' }),
      int('thread', 'The request whose answer began its thread; NULL where none is begun.', {
        publish: 'keep',
      }),
      int('page', 'Which page of its list, from 1.', { required: true, publish: 'keep' }),
      int('depth', 'Levels of remixes or replies below the start.', {
        required: true,
        publish: 'keep',
      }),
      text('state', 'pending, done, failed or skipped.', {
        required: true,
        ...word('pending done failed skipped'),
      }),
      text('reason', 'Why it was skipped or failed, or needed no call.', word(requestReasons)),
      int('attempts', 'Tries so far.', { required: true, unit: 'count', publish: 'keep' }),
      time('not_before', 'Not to be sent before.'),
      text('error', 'Last error.'),
      time('created_at', 'When it was planned.', { required: true, publish: 'keep' }),
      time('finished_at', 'When it was done, or given up.', { publish: 'keep' }),
    ],
  },
  {
    name: 'responses',
    kind: 'log',
    about: 'The ledger: a row a call, written before it is sent and settled after.',
    key: ['response_id'],
    exported: 'with-log',
    derived: false,
    indexes: [['request_id'], ['endpoint', 'params']],
    columns: [
      text('response_id', 'From the content of the answer; `call-…` while there is none.', {
        required: true,
        publish: 'answer',
      }),
      int('request_id', 'The request; NULL: imported.', { publish: 'keep' }),
      int('run_id', 'The run.', { publish: 'keep' }),
      text('endpoint', 'Endpoint, or the kind of native page.', {
        required: true,
        ...endpointWord,
      }),
      json('params', 'Parameters of the call.', { required: true }),
      int('attempt', 'Which try, from 1.', { unit: 'count', publish: 'keep' }),
      text('base_url', 'Where it was sent.'),
      time('sent_at', 'When it was sent.', { publish: 'keep' }),
      time('received_at', 'When the answer came, by `clock`.', { publish: 'keep' }),
      int('status', 'HTTP status.', { publish: 'keep' }),
      json('headers', 'Answer headers, redacted.'),
      int('duration_ms', 'From sending to the last byte.', { unit: 'ms', publish: 'keep' }),
      text('billed', 'yes, no or unknown; no for what was imported.', {
        required: true,
        ...word(billings),
      }),
      real('cost_usd', 'Price of the call, if billed or possibly billed.', {
        unit: 'USD',
        publish: 'keep',
      }),
      text('upstream_request_id', '`request_id` of the answer.'),
      text(
        'origin',
        'network, or the imported file and the place in it; network#call-… for an imported answer whose time a call of this archive told.',
        { required: true, publish: 'origin' },
      ),
      text(
        'clock',
        'Whose clock `received_at` is: local, envelope, har, warc, page or file.',
        word(clocks),
      ),
      text(
        'outcome',
        'What became of the call: page, or the problem.',
        word(['page', ...oddReasons]),
      ),
      text('body_sha256', 'Digest of the kept body.'),
      int('body_bytes', 'Size of the kept body, unpacked.', { unit: 'bytes' }),
    ],
  },
  {
    name: 'journal',
    kind: 'store',
    about: 'What was saved, in order: what a rebuild replays.',
    key: ['entry'],
    exported: 'never',
    derived: false,
    columns: [
      int('entry', 'Number, in the order of saving.', { required: true }),
      text(
        'event',
        'answer (saved, and the walk goes on from it), held (the walk goes on from an answer held before; without a request: an answer of a walk was imported, too), odd (kept without records), end (a request ended without a page), again (a request that had ended is asked anew).',
        { required: true },
      ),
      time('at', 'When, by the clock of the walk; for an imported answer its own time.', {
        required: true,
      }),
      text('response_id', 'The row of `responses`; NULL where no answer is meant.'),
      int('request_id', 'The request that it answers or ends; NULL for imports.'),
      bool('is_list', 'The imported answer is a stretch of a list that is known.'),
      text('reason', 'Why the request or its list ended, or what is odd.'),
    ],
  },
  {
    name: 'rebuilds',
    kind: 'store',
    about: 'A rebuild that is due or under way; empty otherwise.',
    key: ['entry'],
    exported: 'never',
    derived: false,
    columns: [
      int(
        'entry',
        'The last entry of the journal that was replayed; -1: not all tables are empty yet.',
        {
          required: true,
        },
      ),
      time('started_at', 'When it began.', { required: true }),
    ],
  },
  {
    name: 'forgotten',
    kind: 'log',
    about: 'Who and what was taken out for good, named by nothing but an HMAC: when, and why.',
    key: ['hmac'],
    exported: 'never',
    derived: false,
    columns: [
      text('hmac', 'HMAC-SHA-256 of the id or handle that was given.', { required: true }),
      text('kind', 'user, handle, post or comment.', { required: true }),
      time('at', 'When.', { required: true }),
      text('reason', 'Why, in the words of who did it.'),
    ],
  },
  {
    name: 'denylist',
    kind: 'store',
    about: 'Ids and handles that are never taken in again, each as an HMAC.',
    key: ['hmac'],
    exported: 'never',
    derived: false,
    columns: [
      text('hmac', 'HMAC-SHA-256 of the id or handle.', { required: true }),
      text(
        'kind',
        'user, handle, post (with all that hangs below it), comment, or thing (a draft or a task).',
        { required: true },
      ),
    ],
  },
  {
    name: 'forget_keys',
    kind: 'store',
    about: 'Keys of those HMACs; more than one after archives were merged.',
    key: ['secret'],
    exported: 'never',
    derived: false,
    columns: [
      text('secret', '32 random bytes, in hex.', { required: true }),
      time('created_at', 'When it was made; the first one is used for what is new.', {
        required: true,
      }),
    ],
  },
  {
    name: 'rewritten',
    kind: 'store',
    about: 'Answers whose kept body is not the one that came: something in it was forgotten.',
    key: ['response_id'],
    exported: 'never',
    derived: false,
    columns: [
      text('response_id', 'The row of `responses`.', { required: true }),
      text('answer_id', 'The id that its content had, by which it is known when it comes again.', {
        required: true,
      }),
      text('original_sha256', 'Digest of the body that came.', { required: true }),
    ],
  },
  {
    name: 'forgetting',
    kind: 'store',
    about: 'A forget under way; empty otherwise.',
    key: ['started_at'],
    exported: 'never',
    derived: false,
    columns: [
      time('started_at', 'When it began.', { required: true }),
      text('step', 'What is to be done next.', { required: true }),
      text('position', 'How far that is.', { required: true }),
      json('counts', 'What was taken out so far.', { required: true }),
    ],
  },
  {
    name: 'forgetting_names',
    kind: 'store',
    about: 'Whom and what a forget under way takes out, by name; empty otherwise.',
    key: ['kind', 'name'],
    exported: 'never',
    derived: false,
    columns: [
      text('kind', 'As in `denylist`, or file.', { required: true }),
      text('name', 'Id, handle or asset key.', { required: true }),
    ],
  },
  {
    name: 'bodies',
    kind: 'store',
    about: 'The answers themselves.',
    key: ['sha256'],
    exported: 'never',
    derived: false,
    columns: [
      text('sha256', 'Digest of the unpacked body.', { required: true }),
      text('encoding', 'How it is packed.', { required: true }),
      blob('body', 'The packed body.', { required: true }),
    ],
  },
] as const satisfies readonly Table[]
