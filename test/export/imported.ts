import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importFiles } from '../../src/import/index.js'
import type { EndpointName } from '../../src/model/endpoints.js'
import { envelope } from '../import/room.js'
import { temporaryFolder } from './archives.js'

const pages = fileURLToPath(new URL('../pages', import.meta.url))

/** The names of all pages that tests keep. */
export const pageNames = readdirSync(pages).filter(
  (each) => each.endsWith('.json') && !each.endsWith('.records.json'),
)

/** An archive into which pages were imported, in this order, each by a run of its own if asked. */
export async function importPages(
  names: readonly string[] = pageNames,
  { isOneRun = true }: { isOneRun?: boolean } = {},
): Promise<{ folder: string; archiveDir: string; archivePath: string }> {
  const folder = temporaryFolder()
  const archiveDir = join(folder, 'archive')
  mkdirSync(join(folder, 'pages'))
  const files = names.map((name) => {
    const path = join(folder, 'pages', name)
    writeFileSync(path, JSON.stringify(toAnswer(name)))
    // An answer that tells no time has that of its file.
    utimesSync(path, 1_761_000_000, 1_761_000_000)
    return path
  })
  const runs = isOneRun ? [files] : files.map((each) => [each])
  for (const each of runs) await importFiles({ archiveDir, files: each })
  return { folder, archiveDir, archivePath: join(archiveDir, 'archive.sqlite') }
}

interface KeptPage {
  endpoint: EndpointName
  params: object
  body: unknown
}

/** A kept page as an answer of the API, at a time of its own. */
function toAnswer(name: string): unknown {
  const { endpoint, params, body } = JSON.parse(readFileSync(join(pages, name), 'utf8')) as KeptPage
  if (endpoint.startsWith('native_')) return body
  const data = (body as { data?: unknown } | null)?.data ?? body
  return envelope(endpoint, params, data, pageNames.indexOf(name))
}
