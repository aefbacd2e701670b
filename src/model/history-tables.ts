import { everyCounter } from './counters.js'
import { absenceReasons } from './reasons.js'
import { int, text, time, word, type Column, type Table } from './table.js'

const entity: Column[] = [
  text('entity_kind', 'post, comment or user.', { required: true, ...word('post comment user') }),
  text('entity_id', 'Id of the post, comment or user.', { required: true, publish: 'object' }),
]

const response = text(
  'response_id',
  'The answer that told it; its time is in `responses` (`--with-log`).',
  {
    required: true,
    publish: 'answer',
  },
)
const observedAt = time('observed_at', 'Time of that answer.', { required: true, publish: 'keep' })

const position = int('position', 'Place in the page, from 0; not in the whole list.', {
  required: true,
  publish: 'keep',
})
const person = text('user_id', 'The person.', {
  required: true,
  references: 'users.user_id',
  publish: 'person',
})

/** What single answers showed: places in lists, changes, absences. */
export const historyTables = [
  {
    name: 'feed_entries',
    kind: 'entry',
    about: 'Which post stood where in an answer of the feed.',
    key: ['response_id', 'position'],
    exported: 'always',
    derived: true,
    indexes: [['post_id']],
    columns: [
      response,
      position,
      text(
        'feed',
        'Cut of the feed, where the cursor tells it.',
        word('nf2 nf2_top nf2_top_1d nf2_top_7d nf2_top_30d nf2_latest'),
      ),
      text('post_id', 'The post.', { required: true, references: 'posts.post_id', publish: 'id' }),
      text(
        'reposter_user_id',
        'Who reposted it into this feed (`reposter_profile`, from 2026); NULL where nobody did.',
        { references: 'users.user_id', publish: 'person' },
      ),
    ],
  },
  {
    name: 'leaderboard_entries',
    kind: 'entry',
    about: 'Who stood where in an answer of the cameo leaderboard.',
    key: ['response_id', 'position'],
    exported: 'always',
    derived: true,
    indexes: [['user_id']],
    columns: [
      response,
      position,
      person,
      int('cameo_count', 'Videos in which the person is cast, as told there.', {
        unit: 'count',
        publish: 'keep',
      }),
    ],
  },
  {
    name: 'search_entries',
    kind: 'entry',
    about: 'Who stood where in an answer of the user search.',
    key: ['response_id', 'position'],
    exported: 'always',
    derived: true,
    indexes: [['user_id']],
    columns: [response, position, text('term', 'What was searched for.'), person],
  },
  {
    name: 'observations',
    kind: 'history',
    about:
      'Counters over time, which may go down: a row where one differs from what was told before; where none does, only `counters_at` of the object goes on.',
    key: ['entity_kind', 'entity_id', 'response_id'],
    exported: 'always',
    derived: true,
    indexes: [['entity_id', 'observed_at']],
    columns: [...entity, response, observedAt, ...everyCounter],
  },
  {
    name: 'revisions',
    kind: 'history',
    about: 'Changes of everything that is no counter.',
    key: ['entity_kind', 'entity_id', 'field', 'response_id'],
    exported: 'always',
    derived: true,
    indexes: [['entity_id', 'field']],
    columns: [
      ...entity,
      text('field', 'The column that changed.', { required: true, publish: 'own' }),
      response,
      observedAt,
      text('old', 'Value before; for a file its asset key.', { publish: 'change' }),
      text('new', 'Value after; for a file its asset key.', { publish: 'change' }),
    ],
  },
  {
    name: 'absences',
    kind: 'history',
    about: 'What an answer showed as missing, and why.',
    key: ['entity_kind', 'entity_id', 'response_id'],
    exported: 'always',
    derived: true,
    columns: [
      ...entity,
      response,
      observedAt,
      text(
        'reason',
        'tombstoned, not_found, forbidden, unavailable, or dropped (a list that had shown it was walked to its end and no longer did).',
        { required: true, ...word(absenceReasons) },
      ),
    ],
  },
  {
    name: 'sightings',
    kind: 'store',
    about: 'Which answer told which post, comment or user, and which of its columns.',
    key: ['entity_kind', 'entity_id', 'response_id'],
    exported: 'never',
    derived: true,
    columns: [
      ...entity,
      response,
      observedAt,
      int('told', 'Bit mask of the columns told.', { required: true }),
    ],
  },
] as const satisfies readonly Table[]
