import { everyCounter } from './counters.js'
import { int, text, time, type Column, type Table } from './table.js'

const entity: Column[] = [
  text('entity_kind', 'post, comment or user.', { required: true }),
  text('entity_id', 'Id of the post, comment or user.', { required: true }),
]

const response = text('response_id', 'The answer that told it.', { required: true })
const observedAt = time('observed_at', 'Time of that answer.', { required: true })

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
      int('position', 'Place in the page, from 0.', { required: true }),
      text('feed', 'Cut of the feed, where the cursor tells it.'),
      text('post_id', 'The post.', { required: true, references: 'posts.post_id' }),
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
      int('position', 'Place in the page, from 0.', { required: true }),
      text('user_id', 'The person.', { required: true, references: 'users.user_id' }),
      int('cameo_count', 'Videos in which the person is cast, as told there.', { unit: 'count' }),
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
    columns: [
      response,
      int('position', 'Place in the page, from 0.', { required: true }),
      text('term', 'What was searched for.'),
      text('user_id', 'The person.', { required: true, references: 'users.user_id' }),
    ],
  },
  {
    name: 'observations',
    kind: 'history',
    about: 'Counters over time: a row where one differs from what was told before.',
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
      text('field', 'The column that changed.', { required: true }),
      response,
      observedAt,
      text('old', 'Value before; for a file its asset key.'),
      text('new', 'Value after; for a file its asset key.'),
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
        { required: true },
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
