import { version } from '../../model/version.js'
import { dayOf, instantOf, type Dataset } from './dataset.js'

/** What is known to lean to one side. */
export const biases: readonly string[] = [
  'The feed is a ranking that moves: what it showed is a sample that the platform chose, never the whole.',
  'People and posts are reached from the seeds; who has more connections to them is more likely to be in it.',
  'Counters and names are those of the newest answer, so rows are not all of one moment.',
  'Posts that were removed before they were asked for are missing, or are only a row in `absences`.',
]

/** What it cannot say. */
export const limits: readonly string[] = [
  'NULL is unknown, never 0.',
  'Follows have no date: the API tells none.',
  'Links to media were signed and have ended; they name a file, and fetch none.',
  'Ids of posts and comments begin with the second of posting; where no answer tells a time, it is from there.',
]

/** What concerns people. */
export const personal =
  'Names, texts and faces of people who did not ask to be in it. Nothing is anonymised. Leave out ' +
  'what people have removed since, and whoever asks for it.'

/** What it is for. */
export const uses =
  'Study of how videos, remixes and talk about them spread. Not for finding out who somebody is, ' +
  'and not for training a likeness of anybody.'

/** How it was collected, in sentences of plain text without any word of the data. */
export function collection({ facts }: Dataset): string[] {
  const { answers, calls } = facts
  const [from, to] = [instantOf(answers.oldest_at), instantOf(answers.newest_at)]
  const span = from === null || to === null ? '' : ` between ${dayOf(from)} and ${dayOf(to)}`
  return [
    `${count(answers.total)} answers of TikHub's Sora2 API and of the Sora app were collected${span} ` +
      `with afterfeed ${version}; ${count(answers.imported)} of them ${answers.imported === 1 ? 'was' : 'were'} imported from files.`,
    `${count(calls.total)} calls were sent, ${count(calls.billed)} of them billed, for ${dollars(calls.cost)}.`,
    'Lists were walked page by page, from feed to posts, comments, replies and remixes; every answer ' +
      'is kept, and every row names the first and the last answer that told it.',
  ]
}

/** A whole number for people. */
export const count = (number: number): string => number.toLocaleString('en-US')

/** Micro-dollars as dollars. */
export const dollars = (micros: number): string =>
  `$${(micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`

/** A share in percent; a dash where there is nothing to share. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`
