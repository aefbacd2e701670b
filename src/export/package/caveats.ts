import { counted } from '../../model/counted.js'
import type { Dataset } from './dataset.js'

/** A sentence, and whether it holds of this dataset. */
type Claim = readonly [holds: boolean, words: string]

const wordsOf = (claims: readonly Claim[]): readonly string[] =>
  claims.filter(([holds]) => holds).map(([, words]) => words)

/** What is known to lean to one side. */
export function biasesOf(dataset: Dataset): readonly string[] {
  const { requests, answers, endpoints, seeds } = dataset.facts
  return wordsOf([
    [
      endpoints.some((each) => each.endpoint === 'get_feed' && each.answers > 0),
      'The feed is a ranking that moves: what it showed is a sample that the platform chose, never the whole.',
    ],
    [
      seeds.length > 0,
      'People and posts are reached from the seeds; who has more connections to them is more likely to be in it.',
    ],
    [
      dataset.options.profile !== 'ids',
      'Counters and names are those of the newest answer, so rows are not all of one moment.',
    ],
    [
      true,
      'Posts that were removed before they were asked for are missing' +
        (has(dataset, 'absences') ? ', or are only a row in `absences`.' : '.'),
    ],
    [
      requests.pending > 0,
      'The walk is not at its end. What is missing was not left out at random, but by the order of the walk: some posts have their whole threads here, others none of them.',
    ],
    [
      requests.failed > 0,
      'Requests that failed for good left holes: of a list, all that was behind the page that failed, whatever it held.',
    ],
    [
      requests.skipped.length > 0,
      'Some lists and levels were cut by choice (see the gaps and their reasons): what is long or deep is shorter here than it was.',
    ],
    [
      answers.imported > 0,
      'Imported answers are those that somebody kept; why these and no others is not known here.',
    ],
  ])
}

/** What cannot be said of it. */
export function limitsOf(dataset: Dataset): readonly string[] {
  const { answers } = dataset.facts
  return wordsOf([
    [true, 'NULL is unknown, never 0.'],
    [
      has(dataset, 'follows') || has(dataset, 'follow_edges'),
      'Follows have no date: the API tells none.',
    ],
    [
      hasUnsignedLinks(dataset),
      'Links to media are without their signatures, which end within days: they name a file, and fetch none.',
    ],
    [
      true,
      'Ids of posts and comments begin with the second of posting; where no answer tells a time, it is from there.',
    ],
    [answers.imported > 0, spellingsIn(dataset)],
    [answers.at_page + answers.at_file > 0, borrowedTimes(dataset)],
  ])
}

const has = ({ outgoing }: Dataset, name: string): boolean =>
  outgoing.some((each) => each.table.name === name)

const hasUnsignedLinks = ({ outgoing, options }: Dataset): boolean =>
  !options.with_signed_urls &&
  outgoing.some((each) => each.columns.some((column) => column.signed === true))

/** Rows of single answers double where one answer has two spellings; rows of objects do not. */
function spellingsIn(dataset: Dataset): string {
  const doubled = ['feed_entries', 'absences'].filter((name) => has(dataset, name))
  const also = doubled.length === 0 ? '' : `, also in ${doubled.map(inCode).join(' and ')}`
  return (
    'An answer is known by its exact text: one that was imported in two spellings (indented, escaped in ' +
    `another way) counts as two answers${also}; posts, comments and people count once.`
  )
}

const inCode = (name: string): string => `\`${name}\``

/** Answers that say nowhere when they came have a time that may be too early, or one of the file. */
function borrowedTimes({ facts: { answers } }: Dataset): string {
  const all = [
    ...(answers.at_page === 0
      ? []
      : [
          `${counted(answers.at_page, 'answer tells', 'answers tell')} no time of coming, and ` +
            (answers.at_page === 1
              ? 'has the newest one told inside, the earliest at which it can have come'
              : 'have the newest one told inside, the earliest at which they can have come'),
        ]),
    ...(answers.at_file === 0
      ? []
      : [
          `${counted(answers.at_file, 'answer tells', 'answers tell')} no time at all, and ` +
            (answers.at_file === 1 ? 'has that of the file' : 'have those of the files'),
        ]),
  ]
  return `${all.join('; ')}.`
}
