import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { getSurt } from 'warcio/utils'
import yauzl from 'yauzl'
import { exportDataset, verifyDataset } from '../../src/export/index.js'
import { makeArchive, temporaryFolder } from './archives.js'
import { mixedArchive, readRecords } from './warcs.js'

interface Entry {
  name: string
  isStored: boolean
  bytes: Buffer
}

/** What is in a ZIP, in its order. */
async function readZip(path: string): Promise<Entry[]> {
  const zip = await yauzl.openPromise(path, { autoClose: false })
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = []
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
    const isStored = entry.compressionMethod === 0
    entries.push({ name: entry.fileName, isStored, bytes: Buffer.concat(parts) })
  }
  zip.close()
  return entries
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function exportWacz(archivePath: string, formats = ['wacz', 'warc'] as const) {
  const outDir = join(temporaryFolder(), 'out')
  await exportDataset({ archivePath, outDir, formats, tables: ['posts'], title: 'A title' })
  const path = join(outDir, 'wacz/answers.wacz')
  const entries = await readZip(path)
  const at = (name: string) => entries.find((each) => each.name === name)!.bytes
  const jsonAt = (name: string) => JSON.parse(at(name).toString()) as Record<string, unknown>
  return { outDir, path, entries, at, jsonAt }
}

interface IndexLine {
  key: string
  timestamp: string
  fields: Record<string, string>
}

const parseLine = (line: string): IndexLine => {
  const [key = '', timestamp = ''] = line.split(' ', 2)
  const json = line.slice(key.length + timestamp.length + 2)
  return { key, timestamp, fields: JSON.parse(json) as Record<string, string> }
}

const linesOf = (bytes: Buffer): string[] => bytes.toString().trimEnd().split('\n')

describe('export --format wacz', () => {
  it('has what WACZ 1.1.1 asks for, nothing packed twice, each file with its digest', async () => {
    const { archivePath } = await mixedArchive()

    const { entries, at, jsonAt } = await exportWacz(archivePath)

    expect(entries.map(({ name, isStored }) => [name, isStored])).toEqual(
      [
        ...['archive/answers-00000.warc.gz', 'indexes/index.cdx.gz', 'indexes/index.idx'],
        ...['pages/pages.jsonl', 'datapackage.json', 'datapackage-digest.json'],
      ].map((name) => [name, true]),
    )
    const manifest = jsonAt('datapackage.json')
    expect(manifest).toMatchObject({
      profile: 'data-package',
      wacz_version: '1.1.1',
      title: 'A title',
    })
    expect(manifest['resources']).toEqual(
      entries.slice(0, 4).map(({ name, bytes }) => ({
        ...{ name: name.split('/')[1], path: name, bytes: bytes.length },
        hash: `sha256:${sha256(bytes)}`,
      })),
    )
    expect(jsonAt('datapackage-digest.json')).toEqual({
      path: 'datapackage.json',
      hash: `sha256:${sha256(at('datapackage.json'))}`,
    })
  })

  it('leads by its index to every answer, each read alone by another reader', async () => {
    const { archivePath } = await mixedArchive()

    const { at, outDir } = await exportWacz(archivePath)

    const lines = linesOf(gunzipSync(at('indexes/index.cdx.gz')))
    expect(lines).toEqual(
      [...lines].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
    )
    const warc = at('archive/answers-00000.warc.gz')
    expect(warc).toEqual(readFileSync(join(outDir, 'warc/answers-00000.warc.gz')))
    const came = (await readRecords(warc)).filter(({ type }) =>
      ['response', 'resource'].includes(type),
    )
    expect(lines).toHaveLength(came.length)
    for (const line of lines) {
      const { key, timestamp, fields } = parseLine(line)
      const { offset, length, url, status } = fields
      const place = warc.subarray(Number(offset), Number(offset) + Number(length))
      const [record, ...more] = await readRecords(place)
      expect(more).toEqual([])
      expect([record!.uri, record!.fields['WARC-Payload-Digest']]).toEqual([url, fields['digest']])
      expect(timestamp).toBe(record!.fields['WARC-Date']!.replace(/\D/g, '').slice(0, 14))
      if (status !== undefined) expect(record!.head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
      if (fields['method'] === undefined) expect(key).toBe(getSurt(url!))
    }
  })

  it('finds an answer to a POST by what was sent, as tools for replay ask for it', async () => {
    const { archivePath } = await mixedArchive()

    const { at } = await exportWacz(archivePath)

    const lines = linesOf(gunzipSync(at('indexes/index.cdx.gz'))).map(parseLine)
    const [line, ...more] = lines.filter(({ fields }) => fields['method'] === 'POST')
    expect(more).toEqual([])
    expect(line!.key).toMatch(
      /^io,tikhub,api\)\/relay\/api\/v1\/sora2\/create_video\?__wb_method=post&/,
    )
    expect(line!.fields['requestBody']).toMatch(/^orientation=portrait&prompt=ein\+Boot/)
  })

  it('tells where each block of the index begins, by its first line', async () => {
    const calls = Array.from({ length: 2500 }, (_, place) => ({
      ...{ response_id: `r_${place}`, endpoint: 'get_post_detail', origin: 'network' },
      ...{ params: `{"post_id":"s_${2500 - place}"}`, status: 404, received_at: BigInt(place) },
      base_url: 'https://api.tikhub.io',
    }))
    const archivePath = makeArchive(temporaryFolder(), { responses: calls })

    const { at } = await exportWacz(archivePath)

    const [meta, ...places] = linesOf(at('indexes/index.idx'))
    expect(meta).toBe('!meta 0 {"format":"cdxj-gzip-1.0","filename":"index.cdx.gz"}')
    const blocks = places.map((line) => {
      const { key, timestamp, fields } = parseLine(line)
      const from = Number(fields['offset'])
      const packed = at('indexes/index.cdx.gz').subarray(from, from + Number(fields['length']))
      const lines = linesOf(gunzipSync(packed))
      expect(lines[0]!.startsWith(`${key} ${timestamp} {`)).toBe(true)
      return lines.length
    })
    expect(blocks).toEqual([1024, 1024, 452])
  })

  it('lists the answers to be looked at, each with an address that the index knows', async () => {
    const { archivePath } = await mixedArchive()

    const { at, jsonAt } = await exportWacz(archivePath)

    const [head, ...pages] = linesOf(at('pages/pages.jsonl')).map(
      (line) => JSON.parse(line) as Record<string, string>,
    )
    expect(head).toEqual({ format: 'json-pages-1.0', id: 'pages', title: 'Answers' })
    expect(pages.length).toBeGreaterThan(10)
    const known = linesOf(gunzipSync(at('indexes/index.cdx.gz'))).map(parseLine)
    const urls = new Set(known.map(({ fields }) => fields['url']))
    expect(pages.filter(({ url }) => !urls.has(url!))).toEqual([])
    expect(jsonAt('datapackage.json')).toMatchObject({
      mainPageUrl: pages[0]!['url'],
      mainPageDate: pages[0]!['ts'],
    })
  })

  it('is the same bytes again, in any time zone, and leaves nothing beside it', async () => {
    const { archivePath } = await mixedArchive()
    const zone = process.env['TZ']

    const all = []
    for (const name of ['Asia/Tokyo', 'America/Los_Angeles']) {
      process.env['TZ'] = name
      all.push(await exportWacz(archivePath))
    }
    process.env['TZ'] = zone ?? ''
    if (zone === undefined) delete process.env['TZ']

    const [one, other] = all.map(({ path }) => readFileSync(path))
    expect(other!.equals(one!)).toBe(true)
    expect(existsSync(join(all[0]!.outDir, 'wacz/parts'))).toBe(false)
  })

  it('is verified with the package, down to the files in it', async () => {
    const { archivePath } = await mixedArchive()
    const { outDir, path } = await exportWacz(archivePath)
    const good = await verifyDataset({ datasetDir: outDir })

    const bytes = readFileSync(path)
    bytes.write('J', bytes.indexOf('json-pages-1.0'))
    writeFileSync(path, bytes)
    const broken = await verifyDataset({ datasetDir: outDir })

    expect(good).toEqual([])
    expect(broken.map(({ check, problem }) => [check, problem])).toEqual([
      ['sums', 'wacz/answers.wacz has another content than SHA256SUMS says'],
      [
        'files',
        'wacz/answers.wacz cannot be read: pages/pages.jsonl in it is not what its datapackage.json says',
      ],
    ])
  })
})
