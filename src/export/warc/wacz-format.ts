import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { version } from '../../model/version.js'
import { readDigest, type FileDigest } from '../file-digest.js'
import type { Desk, Outgoing, WriteFormat } from '../format.js'
import { toWarcDate } from './call.js'
import { CdxIndex } from './cdx-index.js'
import { PageList } from './page-list.js'
import { digestOf } from './record.js'
import type { WarcFile } from './warc-files.js'
import { writeAnswers } from './write-answers.js'
import { zipFiles, type ZipMember } from './zip-files.js'

/** Where the ZIP is. */
const waczPath = 'wacz/answers.wacz'

/**
 * Writes `wacz/answers.wacz`: the same WARC files as the format `warc`, with an index, a list of pages
 * and a manifest, in a ZIP. Source: WACZ 1.1.1 (https://specs.webrecorder.net/wacz/1.1.1/).
 */
export const writeWacz: WriteFormat = async ({ tables: [calls] }, desk) => {
  const work = join(desk.folder, 'wacz', 'parts')
  for (const name of ['archive', 'indexes', 'pages'])
    await mkdir(join(work, name), { recursive: true })
  try {
    const parts = await writeParts(calls!, desk, work)
    const place = join(desk.folder, waczPath)
    await zipFiles(place, await toMembers(parts, desk, work))
    const rows = parts.files.reduce((sum, each) => sum + each.records, 0)
    return [{ path: waczPath, table: null, format: 'wacz', rows, ...(await readDigest(place)) }]
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

interface Parts {
  files: readonly WarcFile[]
  firstPage: { url: string; ts: string } | null
}

async function writeParts(calls: Outgoing, desk: Desk, work: string): Promise<Parts> {
  const index = new CdxIndex(work)
  const pages = await PageList.create(join(work, 'pages/pages.jsonl'))
  try {
    const folder = join(work, 'archive')
    const files = await writeAnswers({ calls, folder }, desk, async (placed) => {
      index.add(placed)
      pages.add(placed)
      await pages.flush()
    })
    await index.write({
      blocks: join(work, 'indexes/index.cdx.gz'),
      places: join(work, 'indexes/index.idx'),
    })
    await pages.close()
    return { files, firstPage: pages.first }
  } catch (error) {
    await pages.abandon()
    throw error
  } finally {
    index.close()
  }
}

/** Every file of the ZIP, the manifest and its digest at the end. */
async function toMembers({ files, firstPage }: Parts, desk: Desk, work: string) {
  const digests = new Map<string, FileDigest>(
    files.map((each) => [`archive/${each.name}`, each] as const),
  )
  for (const path of ['indexes/index.cdx.gz', 'indexes/index.idx', 'pages/pages.jsonl'])
    digests.set(path, await readDigest(join(work, path)))
  const manifest = toJson(toManifest(digests, firstPage, desk))
  const seal = toJson({ path: 'datapackage.json', hash: digestOf(manifest) })
  const members: ZipMember[] = [...digests.keys()].map((path) => ({ from: join(work, path), path }))
  return [
    ...members,
    { from: manifest, path: 'datapackage.json' },
    { from: seal, path: 'datapackage-digest.json' },
  ]
}

const toJson = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

const toManifest = (
  digests: ReadonlyMap<string, FileDigest>,
  firstPage: Parts['firstPage'],
  desk: Desk,
) => ({
  profile: 'data-package',
  wacz_version: '1.1.1',
  title: desk.options.title,
  description: "The answers of TikHub's Sora2 API and of the Sora app that an archive keeps.",
  created: toWarcDate(desk.newestAt() ?? 0n),
  software: `afterfeed/${version}`,
  ...(firstPage === null ? {} : { mainPageUrl: firstPage.url, mainPageDate: firstPage.ts }),
  resources: [...digests].map(([path, { bytes, sha256 }]) => ({
    ...{ name: path.split('/').at(-1)!, path, hash: `sha256:${sha256}`, bytes },
  })),
})
