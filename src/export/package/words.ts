import type { DatasetFacts, Held } from '../../archive/dataset-facts.js'
import { counted } from '../../model/counted.js'
import type { Profile, Tombstones } from '../../model/profiles.js'
import { version } from '../../model/version.js'
import { dayOf, instantOf, isPart, type Dataset } from './dataset.js'

/** What becomes of deleted posts and comments. */
const deleted: Record<Tombstones, string> = {
  keep: 'Posts and comments that were deleted since are in it as they were held.',
  blank:
    'Posts and comments that were deleted since are in it without their words, videos and mentions.',
  drop: 'Posts and comments that were deleted since are left out, with what hangs on them.',
}

/** What each profile does with people, and what remains of them. */
const ofProfile: Record<Profile, readonly string[]> = {
  full: [
    'Profile `full`: for yourself, not to be published.',
    'Names, texts and faces of people who did not ask to be in it. Nothing is anonymised.',
  ],
  research: [
    'Profile `research`: people have pseudonyms (`user-p_…`, in texts `p_…` behind an @), made by HMAC-SHA-256 under a key that is kept apart; they are the same in all tables and releases.',
    'Shown names, bios, places, pictures and links of people are left out, and drafts, tasks, and every post and comment that is not known to be public.',
    'In texts mentions have pseudonyms (a handle of nobody here, or of several people, has one of its own, until a release knows whose it is); web and e-mail addresses and international phone numbers are `[link]`, `[e-mail]` and `[phone]`; a text that is nothing but a name is `[name]`. Offsets of mentions are left out, since they no longer fit.',
    'Ids of answers and files are keyed digests.',
  ],
  ids: [
    'Profile `ids`: ids of posts and comments, pseudonyms of people (`user-p_…`, made by HMAC-SHA-256 under a key that is kept apart, the same in all releases), and edges between them; no words, no times, no counters.',
    'Every post and comment that is not known to be public is left out.',
  ],
}

const remaining: Record<Profile, string | null> = {
  full: null,
  research:
    'What remains identifying: the ids of posts and comments, by which anybody who can look one up, or holds another copy, learns who it was; their times; the words themselves, with names inside of sentences, handles without an @, hashtags, and how somebody writes; counters, days and marks of accounts that are known to many; who answers, follows and casts whom; digests of files; faces and voices in the videos that the ids lead to. This is pseudonymous, not anonymous.',
  ids: 'What remains identifying: the ids of posts and comments, by which anybody who can look one up, or holds another copy, learns who it was, and which begin with the second of posting; who answers, follows and casts whom. This is pseudonymous, not anonymous.',
}

const treated: Record<Profile, string | null> = {
  full: null,
  research:
    'People were given pseudonyms (HMAC-SHA-256 under a key that is kept apart), in texts too; their names, bios, places, pictures and links, all web and e-mail addresses in texts, drafts, and every post and comment that is not known to be public were left out before publication.',
  ids: 'People were given pseudonyms (HMAC-SHA-256 under a key that is kept apart); all but ids and edges, and every post and comment that is not known to be public, were left out before publication.',
}

/** What was done to the data before it was written, in sentences for a paper. */
export const treatment = ({ options: { profile, tombstones } }: Dataset): readonly string[] => [
  ...(treated[profile] === null ? [] : [treated[profile]]),
  deleted[tombstones],
]

/** What concerns people, in sentences. */
export const personal = ({ options: { profile, tombstones } }: Dataset): string =>
  [
    ...ofProfile[profile],
    deleted[tombstones],
    ...(remaining[profile] === null ? [] : [remaining[profile]]),
    'Leave out what people have removed since, and whoever asks for it.',
  ].join(' ')

/** What of people is in it, where it asks on what grounds that is. */
export const shownOfPeople: Readonly<Record<Profile, string>> = {
  full: 'names and texts of people',
  research: 'texts of people',
  ids: 'ids of what people posted',
}

/** What it is for. */
export const uses =
  'Study of how videos, remixes and talk about them spread. Not for finding out who somebody is, ' +
  'and not for training a likeness of anybody.'

/** How it was collected, in sentences of plain text without any word of the data. */
export const collection = (dataset: Dataset): string[] => [
  answered(dataset.facts),
  called(dataset.facts),
  ...(dataset.facts.local_calls === 0 ? [] : [calledHere(dataset.facts)]),
  ...(dataset.facts.lists.total === 0 ? [] : [walked(dataset.facts)]),
  kept(dataset),
]

/** Where a row comes from is told in two columns, which not every profile and table has. */
const kept = ({ outgoing }: Dataset): string =>
  'Every answer is kept in the archive' +
  (outgoing.some((each) => each.columns.some(({ name }) => name === 'first_response_id'))
    ? ', and rows name the first and the last answer that told them.'
    : '.')

/** Only calls of its own are surely TikHub's, and collected by this program; what is imported others came by. */
function answered({ answers: { total, imported, oldest_at, newest_at } }: DatasetFacts): string {
  if (total === 0) return `No answer was collected (afterfeed ${version}).`
  const [from, to] = [instantOf(oldest_at), instantOf(newest_at)]
  const span = from === null || to === null ? '' : spanOf(dayOf(from), dayOf(to))
  const was = total === 1 ? 'was' : 'were'
  return (
    `${counted(total, 'answer')} of TikHub's Sora2 API` +
    (imported === 0
      ? ` ${was} collected${span} with afterfeed ${version}; `
      : ` or of the Sora app${span === '' ? '' : `, dated${span},`} ${was} brought together with afterfeed ${version}; `) +
    `${ofFiles(total, imported)}.`
  )
}

const ofFiles = (total: number, imported: number): string =>
  imported === 1 && total === 1
    ? 'it was imported from a file'
    : `${imported === total ? 'all' : count(imported)} of them ` +
      `${imported === 1 ? 'was' : 'were'} imported from files`

const spanOf = (from: string, to: string): string =>
  from === to ? ` on ${from}` : ` between ${from} and ${to}`

function called({ calls, bases }: DatasetFacts): string {
  if (calls.total === 0) return 'No call was sent.'
  const unsure =
    calls.billed_unknown === 0 ? '' : `, ${count(calls.billed_unknown)} possibly billed`
  const hosts = [...new Set(bases.map(hostOf))]
  return (
    `${counted(calls.total, 'call was', 'calls were')} sent, ${count(calls.billed)} of them billed${unsure}, ` +
    `for ${dollars(calls.cost)}${hosts.length === 0 ? '' : `; they went to ${hosts.join(', ')}`}.`
  )
}

/** The local API lies well: what it told must not pass for the platform's. */
const calledHere = ({ calls: { total }, local_calls: local }: DatasetFacts): string =>
  `${local === total ? 'All' : count(local)} of them went to a local address: where that was ` +
  '`afterfeed simulate`, people and posts are made up.'

/** The host of an address, without its port; a demo's is this machine, and the same each time. */
const hostOf = (base: string): string =>
  URL.canParse(base) ? new URL(base).hostname : 'an unknown address'

const walked = ({ calls, lists }: DatasetFacts): string =>
  (calls.total === 0
    ? 'Lists are as long as the imported answers tell them'
    : 'Lists were walked page by page, from feed to posts, comments, replies and remixes') +
  `: ${counted(lists.total, 'list')}, ${count(lists.unfinished)} of them without a known end.`

/** What answers mention, that no request stands for, and that is not held. */
export const unheld = ({ gaps }: Pick<DatasetFacts, 'gaps'>): string =>
  `${counted(gaps, 'list or post', 'lists and posts')} that answers mention ` +
  `${gaps === 1 ? 'was' : 'were'} never asked for, or not to the end`

/** How many of what is in it, as far as its tables leave: one that was left out is not told as empty. */
export const holdingsOf = (
  { outgoing }: Dataset,
  remixes: readonly [one: string, many: string],
): string[] => {
  const nouns = {
    posts: ['post', 'posts'],
    comments: ['comment or reply', 'comments and replies'],
    remixes,
    users: ['person', 'people'],
    threads: ['thread', 'threads'],
  } as const
  return Object.entries(nouns).flatMap(([name, [one, many]]) => {
    const found = outgoing.find((each) => each.table.name === name)
    return found ? [counted(found.rows, one, many)] : []
  })
}

/** What counters announced and what is held, of what is in it. */
export function coverageOf({ outgoing, facts }: Dataset): (Held & { what: string })[] {
  const { comments_and_replies: thread, remixes } = facts.coverage
  const holds = (names: readonly string[]) =>
    outgoing.some((each) => names.includes(each.table.name))
  return [
    ...(holds(['comments', 'threads']) ? [{ what: 'comments and replies', ...thread }] : []),
    ...(holds(['remixes', 'remix_edges']) ? [{ what: 'remixes', ...remixes }] : []),
  ]
}

/** Where the answers are that the rows were made of. */
export const answersAt = ({ files, options }: Dataset): string => {
  const paths = files
    .filter((each) => each.format === 'warc' || each.format === 'wacz')
    .map((each) => each.path)
  return paths.length === 0
    ? 'The answers themselves are kept in the archive, not here.'
    : `The answers themselves are in ${paths.join(', ')}${isPart(options) ? ': those of the whole archive' : ''}.`
}

/** A whole number for people. */
export const count = (number: number): string => number.toLocaleString('en-US')

/** Micro-dollars as dollars. */
export const dollars = (micros: number): string =>
  `$${(micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`

/**
 * A share in percent; a dash where there is nothing to share. What is not the whole never reads
 * `100.0 %`, and what is not nothing never `0.0 %`: those have as many digits more as that takes.
 */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–'
  const share = (part / whole) * 100
  const digits = [1, 2, 3, 4, 5, 6].find((each) => isToldApart(share, each)) ?? 7
  return `${share.toFixed(digits)} %`
}

const isToldApart = (share: number, digits: number): boolean =>
  [0, 100].every((edge) => share === edge || Number(share.toFixed(digits)) !== edge)
