import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { exportDataset, type ExportOptions } from '../../src/export/index.js'
import { rebuild } from '../../src/archive/rebuild.js'
import { importFiles } from '../../src/import/index.js'
import { responseIdOf } from '../../src/model/response-id.js'
import { exportedColumns, tables } from '../../src/model/tables.js'
import type { Table } from '../../src/model/table.js'
import { countOf, crawlWorld, lineOf, noon, openWorld, rowsOf } from '../crawl/worlds.js'
import { detail, openRoom, postId } from '../import/room.js'
import { temporaryFolder } from './archives.js'
import { mixedArchive } from './warcs.js'

const told: readonly Table[] = tables.filter(
  ({ kind, exported }: Table) => exported === 'always' && kind !== 'log',
)

/** A call that found nothing is named by the archive that made it, and in others by what it tells. */
const withoutOwnId = (line: string): string =>
  line.replace(/\b(?:call-\d+-\d+|e_[0-9a-f]{24})\b/, 'a call')

/** Every row that answers told, table by table, without the columns that are named. */
function rowsTold(archiveDir: string, without: readonly string[] = []): Record<string, string[]> {
  return Object.fromEntries(
    told.map((table) => {
      const names = exportedColumns(table)
        .map(({ name }) => name)
        .filter((name) => !without.includes(name))
      const rows = rowsOf(archiveDir, `SELECT ${names.join(', ')} FROM ${table.name}`)
      return [table.name, rows.map(lineOf).map(withoutOwnId).sort()]
    }),
  )
}

async function exportAnswers(archivePath: string, more: Partial<ExportOptions>) {
  const outDir = join(temporaryFolder(), 'out')
  await exportDataset({
    archivePath,
    outDir,
    tables: ['posts'],
    formats: ['warc', 'wacz'],
    ...more,
  })
  const path = { warc: join(outDir, 'warc'), wacz: join(outDir, 'wacz/answers.wacz') }
  return path
}

async function imported(...files: string[]) {
  const archiveDir = join(temporaryFolder(), 'archive')
  const report = await importFiles({ archiveDir, files, durability: 'normal' })
  return { archiveDir, report }
}

describe('import of a WARC that was exported', () => {
  it('fills every table with the same rows, where signatures were kept', async () => {
    const { archiveDir, archivePath } = await mixedArchive()
    const { warc } = await exportAnswers(archivePath, { withSignedUrls: true })

    const again = await imported(warc)

    expect(again.report).toMatchObject({ outcome: 'done', bad: [] })
    const before = rowsTold(archiveDir)
    const empty = Object.keys(before).filter((name) => before[name]!.length === 0)
    expect(empty).toEqual([])
    expect(rowsTold(again.archiveDir)).toEqual(before)
  })

  it('fills them with the same rows but for queries of links, where signatures were taken out', async () => {
    const { archiveDir, archivePath } = await mixedArchive()
    const { warc, wacz } = await exportAnswers(archivePath, {})

    const [ofWarc, ofWacz] = [await imported(warc), await imported(wacz)]

    const links = told.flatMap(({ columns }) => columns.filter(({ signed }) => signed))
    const without = [...links.map(({ name }) => name), 'expires_at']
    const before = rowsTold(archiveDir, without)
    expect(rowsTold(ofWarc.archiveDir, without)).toEqual(before)
    expect(rowsTold(ofWacz.archiveDir, without)).toEqual(before)
    const signed = `SELECT count(*) FROM assets WHERE url LIKE '%sig=%'`
    expect(countOf(archiveDir, signed)).toBeGreaterThan(0)
    expect(countOf(ofWarc.archiveDir, signed)).toBe(0)
    expect(ofWacz.report.containers).toMatchObject({ zip: 1, wacz: 1, warc: 1 })
  })

  it('brings nothing to the archive that it is of, nor a second time', async () => {
    const { archiveDir, archivePath } = await mixedArchive()
    const { warc, wacz } = await exportAnswers(archivePath, {})
    const before = rowsTold(archiveDir)

    const report = await importFiles({ archiveDir, files: [warc, wacz], durability: 'normal' })

    expect(report).toMatchObject({ pages: 0, bad: [] })
    expect(report.held).toBeGreaterThan(10)
    expect(rowsTold(archiveDir)).toEqual(before)
  })

  it('takes times to the microsecond, by the clocks that told them, and finds nothing odd in them', async () => {
    const { archiveDir, archivePath } = await mixedArchive()
    const { warc } = await exportAnswers(archivePath, {})

    const again = await imported(warc)

    const times = `SELECT response_id, received_at, clock FROM responses
      WHERE outcome = 'page' AND response_id LIKE 'r!_%' ESCAPE '!' ORDER BY response_id`
    expect(rowsOf(again.archiveDir, times)).toEqual(rowsOf(archiveDir, times))
    const odd = `SELECT response_id, json_pointer, problem FROM anomalies ORDER BY 1, 2, 3`
    expect(rowsOf(again.archiveDir, odd)).toEqual(rowsOf(archiveDir, odd))
    await rebuild({ archiveDir: again.archiveDir, clock: () => noon * 2000 })
    expect(rowsOf(again.archiveDir, odd)).toEqual(rowsOf(archiveDir, odd))
  })
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A WARC with one answer that says of itself what it is told to say. */
function claiming(body: string, claim: { id: string; sha256: string }): Buffer {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n'
  const block = Buffer.from(head + body)
  const fields = [
    ...['WARC/1.1', 'WARC-Type: response', 'WARC-Date: 2026-01-02T03:04:05.678901Z'],
    'WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>',
    'WARC-Target-URI: https://api.tikhub.io/api/v1/sora2/get_post_detail',
    `X-Afterfeed-Response-Id: ${claim.id}`,
    `X-Afterfeed-Original-Payload-Digest: sha256:${claim.sha256}`,
    'X-Afterfeed-Clock: envelope',
    ...['Content-Type: application/http; msgtype=response', `Content-Length: ${block.length}`],
  ]
  return gzipSync(
    Buffer.concat([Buffer.from(`${fields.join('\r\n')}\r\n\r\n`), block, Buffer.from('\r\n\r\n')]),
  )
}

describe('import of what a WARC that was exported says was not there', () => {
  const absences = (archiveDir: string) =>
    rowsOf(
      archiveDir,
      `SELECT entity_kind, entity_id, absences.reason, observed_at, body_sha256 IS NULL AS empty
       FROM absences JOIN responses USING (response_id)
       WHERE response_id NOT LIKE 'r!_%' ESCAPE '!' ORDER BY entity_id, observed_at`,
    )

  it('notes each call with what came of it, once, and again when the tables are built again', async () => {
    const { archiveDir, archivePath } = await mixedArchive()
    const { warc, wacz } = await exportAnswers(archivePath, {})
    const before = absences(archiveDir)

    const again = await imported(warc, wacz)
    const first = absences(again.archiveDir)
    await importFiles({ archiveDir: again.archiveDir, files: [archiveDir], durability: 'normal' })
    const merged = absences(again.archiveDir)
    await rebuild({ archiveDir: again.archiveDir, clock: () => noon * 2000 })

    expect(before.length).toBeGreaterThan(0)
    expect(first).toEqual(before)
    expect(merged).toEqual(before)
    expect(absences(again.archiveDir)).toEqual(before)
    const second = await exportAnswers(join(again.archiveDir, 'archive.sqlite'), {})
    const third = await imported(second.warc)
    expect(absences(third.archiveDir)).toEqual(before)
  })
})

describe('import of a WARC that holds nothing but what was not there', () => {
  it('takes it, time and again', async () => {
    const simulator = await openWorld({ posts: 1, seed: 3 })
    const archiveDir = temporaryFolder()
    await crawlWorld(simulator, archiveDir, { seeds: [`post:s_${'a'.repeat(32)}`] })
    const { warc } = await exportAnswers(join(archiveDir, 'archive.sqlite'), {})
    const into = { archiveDir: temporaryFolder(), files: [warc], durability: 'normal' } as const

    const reports = [await importFiles(into), await importFiles(into)]

    const taken = { outcome: 'done', pages: 0, missing: 1, total_bad: 0 }
    expect(reports).toMatchObject([taken, taken])
    expect(rowsOf(into.archiveDir, 'SELECT outcome FROM runs')).toEqual([{ outcome: 'done' }])
  })
})

describe('import of a WARC that claims to hold what was kept elsewhere', () => {
  const body = JSON.stringify(detail(1))
  const idOf = (n: number, bodySha256: string) =>
    responseIdOf({ endpoint: 'get_post_detail', params: { post_id: postId(n) }, bodySha256 })

  it.each([
    ['the id of an answer to another question', idOf(2, sha256('x')), sha256('x')],
    ['an id that is of no answer', 'call-1-1', sha256('x')],
  ])('gives it an id of its own for %s', async (_, id, digest) => {
    const room = openRoom()

    await room.take(room.put('x.warc.gz', claiming(body, { id, sha256: digest })))

    expect(room.rows('SELECT response_id AS id FROM responses')).toEqual([{ id: idOf(1, digest) }])
  })

  it.each(['', 'md5:1', 'sha256:XYZ', `sha256:${'a'.repeat(63)}`])(
    'takes no word of a digest like %j',
    async (digest) => {
      const room = openRoom()
      const warc = claiming(body, { id: 'r_1', sha256: '' })
      const text = gunzipSync(warc)
        .toString()
        .replace(/(Digest: )sha256:/, `$1${digest}`)

      await room.take(room.put('x.warc', text))

      const ids = room.rows('SELECT response_id AS id, clock FROM responses')
      expect(ids).toEqual([{ id: idOf(1, sha256(body)), clock: 'envelope' }])
    },
  )
})
