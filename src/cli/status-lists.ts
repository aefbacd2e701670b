import { counted } from '../model/counted.js'
import type Database from 'better-sqlite3'
import type { Gap, GapTotal } from '../archive/gaps.js'
import type { OpenRequests } from '../archive/outlook.js'
import type { Coverage } from '../archive/coverage.js'
import type { Settings } from './settings.js'
import { sparkline } from './sparkline.js'
import { dollars, plain, toColumns } from './terminal.js'

/** A list that `status` shows on demand, under the flag of the same name. */
export interface StatusList {
  flag: string
  about: string
  /** Shown where the list is empty. */
  nothing: string
  /**
   * The rows for `--json`, and the same as text; empty if there is nothing to show. `tell` is told what
   * comes next, or how far it is, where that takes long.
   */
  read: (
    database: Database.Database,
    settings: Settings,
    tell: (part: string) => void,
  ) => Promise<{ rows: readonly object[]; text: string; more?: Record<string, unknown> }>
}

const gapsInJson = 10_000
const gapsShown = 50

/** Every list that `status` shows on demand. */
export const statusLists: readonly StatusList[] = [
  {
    flag: 'failed',
    about: 'lists the requests that failed',
    nothing: 'No request failed.',
    read: async (database) => {
      const { readFailed } = await import('../archive/status.js')
      const rows = readFailed(database)
      const lines = rows.map(
        ({ request_key, reason, error }) => `${plain(request_key)}: ${reason} (${plain(error)})`,
      )
      return { rows, text: lines.join('\n') }
    },
  },
  {
    flag: 'drift',
    about: 'lists keys, types and unexplained values that answers were not known to hold',
    nothing: 'Answers hold nothing that they are not known to hold.',
    read: async (database) => {
      const { readDrift } = await import('../archive/drift-log.js')
      const rows = readDrift(database)
      const cells = rows.map((row) => [
        ...[row.endpoint, plain(row.place), row.type, row.answers],
        plain(row.example).slice(0, 60),
      ])
      const text = toColumns([['endpoint', 'place', 'type', 'answers', 'e.g.'], ...cells])
      return { rows, text: rows.length === 0 ? '' : text }
    },
  },
  {
    flag: 'gaps',
    about: 'lists what walks left open, and what imports mention and do not hold, with prices',
    nothing: 'Nothing is open: no walk left anything, and nothing that imports mention is missing.',
    read: async (database, _settings, tell) => {
      const { listGaps } = await import('../archive/gaps.js')
      const { readOpen } = await import('../archive/outlook.js')
      const { gaps, totals } = listGaps(database, {
        most: gapsInJson,
        onProgress: (gaps) => tell(`: ${counted(gaps, 'gap')} so far`),
      })
      const open = readOpen(database)
      const texts = [describeOpen(open), gaps.length > 0 ? describeGaps(gaps, totals) : '']
      const text = texts.filter((each) => each !== '').join('\n')
      return { rows: gaps, text, more: { gap_totals: totals, open_requests: open } }
    },
  },
  {
    flag: 'coverage',
    about: 'what counters announce against what is held, and why they differ',
    nothing: 'No post is held.',
    read: async (database, _settings, tell) => {
      const { readCoverage } = await import('../archive/coverage.js')
      const coverage = readCoverage(database, (what) => tell(` of ${what}`))
      return { rows: [coverage], text: describeCoverage(coverage) }
    },
  },
  {
    flag: 'media',
    about: 'media files: what is saved, what waits and until when, what is lost',
    nothing: 'No media file is wanted.',
    read: async (database, settings) => {
      const [{ fillSettings, readOutlook }, { toMediaSettings }, { describeOutlook }] =
        await Promise.all([
          import('../media/index.js'),
          import('./media-settings.js'),
          import('./media-outlook.js'),
        ])
      const { wish, marginMs } = fillSettings(toMediaSettings(settings.media, {}))
      const now = Date.now() * 1000
      const outlook = readOutlook(database, { wish, now, margin: marginMs * 1000 })
      return { rows: [], text: describeOutlook(outlook), more: { media: outlook } }
    },
  },
]

function describeOpen(open: readonly OpenRequests[]): string {
  if (open.length === 0) return ''
  const lines = open.map(({ endpoint, state, reason, requests, calls, cost_usd }) => [
    ...[endpoint, reason === null ? state : `${state}: ${reason}`],
    ...[counted(requests, 'request'), `at least ${counted(calls, 'call')}`, dollars(cost_usd)],
  ])
  return ['Left open by walks:', toColumns(lines)].join('\n')
}

function describeGaps(gaps: readonly Gap[], totals: readonly GapTotal[]): string {
  const lines = gaps
    .slice(0, gapsShown)
    .map(({ endpoint, subject, cursor, announced, held, calls, cost_usd }) => [
      ...[endpoint, plain(subject), cursor === null ? '' : 'goes on'],
      ...[announced === null ? '?' : String(announced), String(held), String(calls)],
      dollars(cost_usd),
    ])
  const head = ['endpoint', 'of', '', 'announced', 'held', 'calls', 'price']
  const sums = totals.map((each) => [
    each.endpoint,
    ...[counted(each.gaps, 'gap'), counted(each.calls, 'call'), dollars(each.cost_usd)],
  ])
  const all = totals.reduce((sum, each) => sum + each.gaps, 0)
  const cost = totals.reduce((sum, { cost_usd }) => sum + cost_usd, 0)
  const hidden = all > gapsShown ? [`… and ${all - gapsShown} more (--json lists them)`] : []
  return [
    toColumns([head, ...lines]),
    ...hidden,
    toColumns(sums),
    `${counted(all, 'gap')}, ${dollars(cost)} in all: \`afterfeed crawl @gaps\` asks for them and goes on below what they bring (\`--dry-run\` shows what that may cost, \`--budget\` ends it)`,
  ].join('\n')
}

function describeCoverage({ sums, differences, feed, feed_missed_at_least }: Coverage): string {
  const totals = sums.map(({ what, posts, announced, held }) => [what, posts, announced, held])
  const reasons = differences.map(({ what, difference, posts, missing }) => [
    ...[`  ${what}: ${difference}`, posts, '', missing],
  ])
  const passes = feed.map(
    ({ pass, pages, posts, new_per_page }) =>
      `feed, pass ${pass}: ${counted(posts, 'post')} on ${counted(pages, 'page')}; new by page ${sparkline(new_per_page)} ${new_per_page.slice(0, 20).join(' ')}`,
  )
  const missed =
    feed_missed_at_least === null
      ? []
      : [
          `feed: at least ${feed_missed_at_least} posts were there and never seen (a lower bound, from the overlap of the last two passes)`,
        ]
  return [
    toColumns([['', 'posts', 'announced', 'held'], ...totals]),
    ...(reasons.length === 0
      ? []
      : [
          'Fewer held than announced, by reason:',
          toColumns([['', 'posts', '', 'missing'], ...reasons]),
        ]),
    ...passes,
    ...missed,
  ].join('\n')
}
