import type { Desk, Outgoing } from '../format.js'
import { toCall, toWarcDate } from './call.js'
import { toRecords } from './answer-records.js'
import type { Blanking } from './blank.js'
import { WarcFiles, type Placed, type WarcFile } from './warc-files.js'

/**
 * Writes every call of the ledger to WARC files in a folder, in the order of time; a body is held only
 * while its records are written. `seen` is told where each record stands.
 */
export async function writeAnswers(
  { calls, folder }: { calls: Outgoing; folder: string },
  desk: Desk,
  seen: (records: readonly Placed[]) => Promise<void> = () => Promise.resolve(),
): Promise<WarcFile[]> {
  const { withSignedUrls, secrets, bytesPerWarc: bytesPerFile } = desk.options
  const blanking: Blanking = { withSignedUrls, secrets }
  const at = toWarcDate(desk.newestAt() ?? 0n)
  const description = describe(blanking)
  const files = new WarcFiles({ folder, bytesPerFile, at, description })
  try {
    for await (const page of desk.readPages(calls))
      for (const row of page) {
        const call = toCall(row, desk)
        const body = call.bodySha256 === null ? null : desk.readBody(call.bodySha256)
        await seen(await files.add(toRecords(call, body, blanking)))
      }
    return await files.close()
  } catch (error) {
    await files.abandon()
    throw error
  }
}

const describe = ({ withSignedUrls }: Blanking): string =>
  "Answers of TikHub's Sora2 API and of the Sora app, as an archive of afterfeed keeps them: bodies " +
  'unpacked, headers of answers that hold no secret, requests as endpoint and parameters tell them ' +
  '(their own headers were not kept; the status of an imported answer is that of a page). ' +
  `Taken out: keys, cache_url${withSignedUrls ? '' : ', queries of URLs that are signed'}. ` +
  'X-Afterfeed-Original-Payload-Digest is the digest before that. The metadata record that refers ' +
  'to an answer holds its row of the ledger.'
