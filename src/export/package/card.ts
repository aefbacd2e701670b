import { stringify } from 'yaml'
import type { DatasetFacts, Held } from '../../archive/dataset-facts.js'
import { counted } from '../../model/counted.js'
import type { ExportedFile } from '../format.js'
import { toHeader } from './card-header.js'
import { describe } from './data-package.js'
import { instantOf, isPart, type Dataset } from './dataset.js'
import { toCode, toMarkdown } from './escape.js'
import { biasesOf, limitsOf } from './caveats.js'
import { toLoading } from './loading.js'
import { toQuestions } from './questions.js'
import {
  answersAt,
  collection,
  count,
  coverageOf,
  dollars,
  percent,
  personal,
  unheld,
  uses,
} from './words.js'

/** YAML for readers of any version: every text in quotes. */
export const toYaml = (value: unknown): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })

/** `README.md`: the dataset card, as Hugging Face reads it; what is open is marked. */
export const toCard = (dataset: Dataset): string =>
  [
    `---\n${toYaml(toHeader(dataset))}---`,
    `# ${toMarkdown(dataset.naming.title)}`,
    describe(dataset),
    contents(dataset),
    ...toLoading(dataset),
    howCollected(dataset),
    howWhole(dataset),
    `## Known biases\n\n${list(biasesOf(dataset))}`,
    `## Limits\n\n${list(limitsOf(dataset))}`,
    `## People\n\n${personal(dataset)}\n\n${uses}`,
    licensing(dataset),
    toQuestions(dataset),
    checking(dataset),
    ...ofMakers(dataset),
  ].join('\n\n') + '\n'

const list = (lines: readonly string[]): string => lines.map((each) => `- ${each}`).join('\n')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, place) => (isNumber(rows[0]?.[place]) ? '---:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const isNumber = (cell = ''): boolean => /^[\d,.]+( %)?$/.test(cell)

function contents(dataset: Dataset): string {
  const { outgoing, options, facts, files } = dataset
  const graphs = files.filter((each) => each.format === 'graphml')
  const rows = outgoing.map(({ table: { name, about }, rows }) => [
    `\`${name}\``,
    count(rows),
    about.replace(/\|/g, '\\|'),
  ])
  const [from, to] = [instantOf(facts.posted.from), instantOf(facts.posted.to)]
  const lines = [
    ...(from === null || to === null ? [] : [`Posts were posted from ${from} to ${to}.`]),
    ...(options.since === null ? [] : [`Only posts from ${options.since} on.`]),
    ...(options.until === null ? [] : [`Only posts before ${options.until}.`]),
    ...(options.since === null && options.until === null ? [] : [cutWords]),
    ...(options.seeds === null
      ? []
      : [
          `Only what was reached from these seeds: ${options.seeds.map(({ seed }) => toCode(seed)).join(', ')}. ` +
            'That is what the answers to their requests told, and all comments held under those posts; a request that several seeds lead to counts for the one that led to it first.',
        ]),
  ]
  return [
    '## What is in it',
    rows.length === 0 ? answersAt(dataset) : table(['table', 'rows', 'holds'], rows),
    ...(lines.length === 0 ? [] : [list(lines)]),
    ...(graphs.length === 0 ? [] : [graphWords(graphs)]),
    ...(outgoing.some((each) => each.rows === 0) ? [emptyWords] : []),
    rows.length === 0
      ? 'The files are described for programs in `datapackage.json` and `croissant.json`, and what they do with values in [data-dictionary.md](data-dictionary.md).'
      : 'Every column is described in [data-dictionary.md](data-dictionary.md), for programs in `datapackage.json` and `croissant.json`.',
  ].join('\n\n')
}

const emptyWords =
  'Tables without rows have no configuration in the header of this file: `datasets` of Hugging Face ' +
  'cannot load one.'

const graphWords = (graphs: readonly ExportedFile[]): string =>
  `Graphs: ${graphs.map(({ path, rows }) => `\`${path}\` (${counted(rows!, 'edge')})`).join(', ')}. ` +
  'An edge points at what was remixed, answered, followed or cast; a node is named as a seed names ' +
  'it (`post:s_…`), and one that only an edge names has `held` = false.'

const cutWords =
  'Comments, videos, files, mentions, cameos, reposts, counters over time and drafts are those of these posts; ' +
  'people are those named in them; remixes are those with one end among them; follows are those ' +
  'between these people; tables of how the archive came about are whole.'

function howCollected(dataset: Dataset): string {
  const { facts, options } = dataset
  const seeds = (options.seeds?.map((each) => each.seed) ?? facts.seeds).map(toCode)
  const shown = seeds.slice(0, seedsShown)
  const more = seeds.length - shown.length
  return [
    '## How it was collected',
    ...(isPart(options) || options.profile !== 'full' ? [countedWhole] : []),
    collection(dataset).join(' '),
    ...(facts.endpoints.length === 0 ? [] : [endpointsOf(facts)]),
    list([
      seeds.length === 0
        ? `Seeds: none${isImported(facts) ? '; everything was imported' : ''}.`
        : `Seeds: ${shown.join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}.`,
      ...(facts.calls.total === 0 ? [] : [budgetsOf(facts), costOf(facts)]),
    ]),
  ].join('\n\n')
}

const countedWhole =
  'This is a part of an archive; answers, calls, requests and lists below are of all of it.'

const costOf = ({ calls }: DatasetFacts): string =>
  `Cost: ${dollars(calls.cost)} for ${counted(calls.total, 'call')}, ${count(calls.billed_unknown)} of them possibly not billed.`

function budgetsOf({ budgets: { usd, usd_in_all, calls, free } }: DatasetFacts): string {
  const all = [
    ...usd.map((each) => `${dollars(each * 1e6)} a run`),
    ...usd_in_all.map((each) => `${dollars(each * 1e6)} in all`),
    ...calls.map((each) => `${counted(each, 'call')} a run`),
  ]
  return all.length === 0
    ? 'Budget: no limit was set.'
    : `Budgets that were set: ${all.join(', ')}${free === 0 ? '' : `; ${counted(free, 'run that sent calls had', 'runs that sent calls had')} none`}.`
}

const endpointsOf = ({ endpoints }: DatasetFacts): string =>
  table(
    ['endpoint', 'answers', 'of them imported', 'calls'],
    endpoints.map(({ endpoint, answers, imported, calls }) => [
      toCode(endpoint),
      ...[answers, imported, calls].map(count),
    ]),
  )

const isImported = ({ answers: { total, imported } }: DatasetFacts): boolean =>
  total > 0 && imported === total

const seedsShown = 100

const coverageHead = ['of the posts here with counters', 'announced', 'held', 'share']

function howWhole(dataset: Dataset): string {
  const { requests, lists, absences, ...facts } = dataset.facts
  const coverage = coverageOf(dataset).map((each) => [each.what, ...shares(each)])
  return [
    '## How whole it is',
    ...(coverage.length === 0
      ? []
      : [
          table(coverageHead, coverage),
          'Counters include what was removed or hidden, so a share below 100 % is no proof of a gap, and one above it shows rows that were removed later.',
        ]),
    list([
      `Gaps: ${counted(requests.pending, 'request')} not asked, ${count(requests.failed)} failed` +
        requests.skipped
          .map(
            ({ reason, requests: skipped }) => `, ${count(skipped)} left out (${toCode(reason)})`,
          )
          .join('') +
        (facts.gaps === 0
          ? '; nothing else that answers mention is missing.'
          : `; beside them, ${unheld(facts)}.`),
      `Lists: ${count(lists.total)} in all, ${count(lists.unfinished)} of them without a known end` +
        lists.ends
          .map(({ reason, lists: ended }) => `, ${count(ended)} ended (${toCode(reason)})`)
          .join('') +
        '.',
      `Absences: ${absences.length === 0 ? 'none' : absences.map(absent).join(', ')}.`,
      `Anomalies: ${counted(facts.anomalies, 'place')} in answers could not be read as expected; ${counted(facts.drift, 'key or type', 'keys or types')} that answers were not known to hold.`,
      `${counted(facts.posted.unknown, 'post has', 'posts have')} no known time of posting.`,
    ]),
  ].join('\n\n')
}

/** Every answer that shows something as gone is a row. */
const absent = ({ reason, rows, entities }: DatasetFacts['absences'][number]): string =>
  `${count(entities)} ${toCode(reason)}` +
  (rows === entities ? '' : ` (shown ${count(rows)} times, at most once an answer)`)

const shares = ({ announced, held }: Held): string[] => [
  count(announced),
  count(held),
  percent(held, announced),
]

const licensing = ({ license }: Dataset): string =>
  license === null
    ? '## Licence\n\n**None has been chosen.** Without one nobody may count on any right to use it. `export --license` chooses one.'
    : `## Licence\n\n[${license.title}](${license.url}); see LICENSE for what it covers.`

/** At the end, where a fence or comment that they left open swallows nothing else. */
const ofMakers = ({ naming: { notes } }: Dataset): string[] =>
  notes === null ? [] : [`## From its makers\n\n${notes}`]

const checking = ({ version, digest, options }: Dataset): string =>
  `## Check it

Version \`${version}\`: the digest of the names and digests of all data files. The same archive and options give the same bytes${options.appends === 0 ? '' : `, after the same steps: new parts were added ${counted(options.appends, 'time')}`}.

\`\`\`sh
sha256sum --check SHA256SUMS
npx afterfeed verify --dataset .
\`\`\`

Digest: \`${digest}\``
