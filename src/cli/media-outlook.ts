import type { MediaOutlook } from '../media/outlook.js'
import { instant, megabytes, plain, toColumns } from './terminal.js'

const widestBar = 30

/** How things stand with media files, as text; '' where there are none. */
export function describeOutlook(outlook: MediaOutlook): string {
  const { saved, waiting, at_risk, lost, failed, refused } = outlook
  if (saved + waiting + lost + failed + refused === 0) return ''
  return [
    `Media: ${saved} saved (${megabytes(outlook.saved_bytes)}), ${waiting} waiting ` +
      `(about ${megabytes(outlook.waiting_bytes)}), ${at_risk} at risk, ` +
      `${lost} lost, ${failed} failed, ${refused} refused`,
    ...describeRate(outlook),
    ...describeEnded(outlook),
    ...describeDeadlines(outlook),
    ...describeReasons(outlook),
  ].join('\n')
}

function describeRate({ bytes_per_second, needed_bytes_per_second }: MediaOutlook): string[] {
  if (needed_bytes_per_second === null) return []
  const last =
    bytes_per_second === null ? '' : `; the last downloads came at ${megabytes(bytes_per_second)}/s`
  return [`To have all in time: ${megabytes(needed_bytes_per_second)}/s at least${last}.`]
}

function describeEnded(outlook: MediaOutlook): string[] {
  const { renewable, renewal_calls, unrenewable, unrenewable_drafts } = outlook
  const lines = []
  if (renewable > 0)
    lines.push(
      `${renewable} links have ended that ${renewal_calls} paid calls would renew: \`afterfeed media\`.`,
    )
  if (unrenewable_drafts > 0)
    lines.push(
      `${unrenewable_drafts} links of drafts have ended: no call renews a draft's, what is not saved is lost.`,
    )
  if (unrenewable > unrenewable_drafts)
    lines.push(`${unrenewable - unrenewable_drafts} other links have ended that no call renews.`)
  return lines
}

function describeDeadlines({ deadlines }: MediaOutlook): string[] {
  if (deadlines.length === 0) return []
  const most = Math.max(...deadlines.map(({ files }) => files))
  const rows = deadlines.map(({ ends_at, files, bytes }) => [
    ...[`  ${instant(ends_at)}`, files, megabytes(bytes).padStart(11)],
    '█'.repeat(Math.max(1, Math.round((files / most) * widestBar))),
  ])
  return ['Deadlines of files that wait:', toColumns(rows)]
}

function describeReasons({ reasons }: MediaOutlook): string[] {
  if (reasons.length === 0) return []
  const rows = reasons.map(({ state, reason, files, example }) => [
    `  ${state}: ${reason ?? 'unknown'}`,
    files,
    example === null ? '' : `e.g. ${plain(example)}`,
  ])
  return ['Not saved, by reason (table media says which, and why):', toColumns(rows)]
}
