import type { DatasetFacts } from '../../archive/dataset-facts.js'
import { counted } from '../../model/counted.js'
import type { ExportedFile } from '../format.js'
import type { Dataset } from './dataset.js'
import { collection, count, coverageOf, holdingsOf, percent, treatment, unheld } from './words.js'

const whichWins =
  'Per column the newest answer wins, whatever the order in which answers came; earlier values are kept beside.'

/** `methods.md`: a paragraph ready for a paper; nothing in it that was not measured. */
export function toMethods(dataset: Dataset): string {
  const paragraph = [
    ...collection(dataset),
    ...part(dataset),
    holdings(dataset),
    ...treatment(dataset),
    ...coverage(dataset),
    gaps(dataset),
    ...(dataset.options.profile === 'ids' ? [] : [whichWins]),
    `The files are the same, byte by byte, whenever they are made from the same answers (SHA-256 ${dataset.digest}).`,
  ]
  return `# Methods\n\n${paragraph.join(' ')}\n`
}

/** What a cut leaves out concerns the rows; the words on calls are of the whole archive. */
function part({ options: { since, until, seeds, profile } }: Dataset): string[] {
  const cuts = [
    ...(since === null ? [] : [`posts from ${since} on`]),
    ...(until === null ? [] : [`posts before ${until}`]),
    ...(seeds === null ? [] : [`what ${count(seeds.length)} of its seeds led to`]),
  ]
  if (cuts.length === 0)
    return profile === 'full'
      ? []
      : ['Answers, calls, requests and lists are counted of all of that archive.']
  return [
    `The dataset is a part of that archive: ${cuts.join(', ')}; answers, calls, requests and lists are counted of all of it.`,
  ]
}

function holdings(dataset: Dataset): string {
  const { outgoing, files } = dataset
  const held = holdingsOf(dataset, ['remix relation', 'remix relations'])
  if (outgoing.length === 0) return `The dataset holds ${besidesTables(files)}, and no tables.`
  if (held.length === 0)
    return `The dataset holds ${outgoing.map((each) => `\`${each.table.name}\``).join(', ')}.`
  const [last, ...before] = held.reverse()
  return `The dataset holds ${before.length === 0 ? last! : `${before.reverse().join(', ')} and ${last!}`}.`
}

function besidesTables(files: readonly ExportedFile[]): string {
  const graphs = files.filter((each) => each.format === 'graphml').map(({ path }) => path)
  const hasAnswers = files.some((each) => each.format === 'warc' || each.format === 'wacz')
  return [
    ...(graphs.length === 0 ? [] : [`graphs (${graphs.join(', ')})`]),
    ...(hasAnswers ? ['the answers themselves'] : []),
  ].join(' and ')
}

function coverage(dataset: Dataset): string[] {
  const { options } = dataset
  const shares = coverageOf(dataset)
    .filter(({ announced }) => announced > 0)
    .map(({ what, held, announced }) => `${percent(held, announced)} of the ${what}`)
  if (shares.length === 0) return []
  const removed =
    options.tombstones === 'drop'
      ? ''
      : ', and rows that were removed since are kept, so a share may be above 100 %'
  return [
    `Of what the counters of its posts announced it holds ${shares.join(' and ')}; counters include ` +
      `what was removed or hidden${removed}.`,
  ]
}

function gaps(dataset: Dataset): string {
  const { gaps: mentioned } = dataset.facts
  const left = notAnswered(dataset.facts)
  return [
    (left.length === 0 ? 'No request is open or failed' : `Of its requests, ${left.join(', ')}`) +
      (mentioned > 0 && left.length === 0 ? `, but ${unheld(dataset.facts)}` : ''),
    ...(mentioned > 0 && left.length > 0 ? [`beside them, ${unheld(dataset.facts)}`] : []),
    unread(dataset),
  ].join('; ')
}

function notAnswered({ requests: { failed, pending, skipped } }: DatasetFacts): string[] {
  const cut = skipped.reduce((sum, each) => sum + each.requests, 0)
  return [
    ...(failed === 0 ? [] : [`${count(failed)} failed for good`]),
    ...(pending === 0 ? [] : [`${counted(pending, 'was', 'were')} not asked yet`]),
    ...(cut === 0 ? [] : [`${counted(cut, 'was', 'were')} left out by choice`]),
  ]
}

/** Anomalies are a table of the package only where its log is. */
function unread({ facts: { anomalies }, outgoing }: Dataset): string {
  if (anomalies === 0) return 'every answer could be read as expected.'
  const isHere = outgoing.some((each) => each.table.name === 'anomalies')
  return (
    `${counted(anomalies, 'place')} in answers could not be read as expected and ` +
    `${anomalies === 1 ? 'is' : 'are'} listed in ${isHere ? '`anomalies`' : 'the archive'}.`
  )
}
