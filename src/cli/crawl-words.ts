import { counted } from '../model/counted.js'
import type { CrawlProgress, CrawlReport } from '../crawl/crawl.js'
import type { CrawlPlan } from '../crawl/dry-run.js'
import type { MediaProgress } from '../media/index.js'
import { toProgress as toMediaProgress } from './media.js'
import { dollars, instant, plain, toColumns, type Progress } from './terminal.js'

/** The line that scripts read; its fields are fixed. */
export function resultOf(report: CrawlReport): object {
  const { outcome, requests_sent, cost_usd, posts, comments, users, remixes } = report
  const { pending, failed, skipped, message } = report
  return {
    ...{ outcome, requests_sent, cost_usd, posts, comments, users, remixes },
    ...{ pending, failed, skipped, message },
  }
}

/** Where a crawl stands, for the bar and for NDJSON. */
export function toProgress(progress: CrawlProgress, media: MediaProgress | null = null): Progress {
  const { pages, pending, costUsd, perSecond } = progress
  const { nearestDeadline } = media ?? progress
  const deadline = nearestDeadline === null ? '' : ` · first link ends ${instant(nearestDeadline)}`
  const files = media === null ? '' : ` · ${media.files}/${media.totalFiles} files`
  return {
    done: pages,
    total: pages + pending,
    note: `pages · ${dollars(costUsd)} · ${perSecond.toFixed(0)}/s${files}${deadline}`,
    fields: {
      event: 'progress',
      pages,
      pending,
      requests_sent: progress.requestsSent,
      cost_usd: costUsd,
      per_second: perSecond,
      nearest_deadline: nearestDeadline === null ? null : instant(nearestDeadline),
      ...(media === null ? {} : { media: toMediaProgress(media).fields }),
    },
  }
}

/** How a run ended, in lines. */
export function describeCrawl(report: CrawlReport, goOn: string): string {
  const { outcome, requests_sent, cost_usd, pending, failed, skipped, absent } = report
  const { message, failure } = report
  const rows = [
    ...[counted(report.posts, 'post'), counted(report.comments, 'comment')],
    ...[counted(report.remixes, 'remix', 'remixes'), counted(report.users, 'person', 'people')],
  ].join(', ')
  const lines = [
    `${outcome === message ? outcome : `${outcome}: ${message}`}`,
    `${counted(requests_sent, 'call')}, ${dollars(cost_usd)}. The archive holds ${rows}.`,
  ]
  if (absent > 0)
    lines.push(
      `${counted(absent, 'answer')} told that nothing is there, or nothing to be seen: see the table absences.`,
    )
  if (skipped > 0)
    lines.push(
      `Left out by choice, and taken up without that limit: ${counted(skipped, 'request')}.`,
    )
  if (failed > 0)
    lines.push(
      `${counted(failed, 'request')} failed for good, e.g. ${plain(failure)}.`,
      '`afterfeed status --failed` lists them, `crawl --retry-failed` asks anew, `doctor` tells whether the API lives.',
    )
  if (pending > 0)
    lines.push(`${counted(pending, 'request is', 'requests are')} waiting. To go on: ${goOn}`)
  return lines.join('\n')
}

/** What a crawl would ask for, in lines. */
export function describePlan(plan: CrawlPlan): string {
  const row = (name: string, { pending, ...reckoned }: Reckoned) => [
    ...[name, pending, reckoned.least_calls, dollars(reckoned.least_usd)],
    ...[reckoned.expected_calls ?? '?', optionalDollars(reckoned.expected_usd)],
  ]
  const rows = [
    ['', 'pending', 'calls, at least', '', 'calls, expected', ''],
    ...plan.endpoints.map((each) => row(each.endpoint, each)),
    row('total', plan),
  ]
  const table = toColumns(rows, (_cell, place) => place > 0)
  const aside = `Spent so far: ${dollars(plan.spent_usd)}. Left out by choice: ${counted(plan.skipped, 'request')}. Failed: ${plan.failed}.`
  return [...(plan.pending === 0 ? [] : [table]), ...plan.notes, aside].join('\n')
}

type Reckoned = Pick<
  CrawlPlan,
  'pending' | 'least_calls' | 'least_usd' | 'expected_calls' | 'expected_usd'
>

const optionalDollars = (usd: number | null): string => (usd === null ? '?' : dollars(usd))
