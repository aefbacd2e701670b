import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { tables } from '../model/tables.js'
import { readDigest } from './file-digest.js'
import { tableFormats } from './file-rows.js'
import { graphs } from './graph/graphs.js'
import { createdBy, datasetApplicationId, sqliteName } from './marks.js'
import { descriptionNames, manifestName, sumsName } from './package/write-package.js'
import { readFooter } from './parquet-footer.js'

/** The folder in which an export is written until it is complete. */
export const unfinished = '.unfinished'

/**
 * The first thing in a folder that no export wrote, or that was changed since, as a path below it;
 * null if everything in it is a former export of ours.
 */
export async function findForeign(folder: string): Promise<string | null> {
  const sums = await readSums(folder)
  const paths = (await listFiles(folder)).filter((each) => !each.startsWith(`${unfinished}/`))
  for (const path of paths) if (!(await isOurs(folder, path, sums))) return path
  return null
}

/** Digests by path, as SHA256SUMS tells them; empty without one. */
export async function readSums(folder: string): Promise<Map<string, string>> {
  const text = await readFile(join(folder, sumsName), 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line))
  return new Map(lines.flatMap((found) => (found ? [[found[2]!, found[1]!] as const] : [])))
}

/** What macOS and Windows put into folders that they show. */
const isOfDesktop = /(^|\/)(\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$/i

/**
 * Every file below a folder, as paths with `/`, in order; a folder named as a file of ours counts as one.
 * What a desktop put there is nobody's.
 */
export async function listFiles(folder: string): Promise<string[]> {
  return (await pathsBelow(folder, '')).filter((path) => !isOfDesktop.test(path)).sort()
}

async function pathsBelow(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true })
  const paths = entries.map(async (each) => {
    const path = `${prefix}${each.name}`
    if (!each.isDirectory()) return [path]
    const below = await pathsBelow(folder, `${path}/`)
    return isKnownFile(each.name) ? [path, ...below] : below
  })
  return (await Promise.all(paths)).flat()
}

/** A folder with the name of a file of ours is none of ours. */
const isKnownFile = (name: string): boolean =>
  name === sqliteName || descriptionNames.includes(name) || name.endsWith('.parquet')

/** The files of a format of tables lie in a folder of its name, but for those of Parquet. */
const folders = [...tableFormats.filter((each) => each !== 'parquet'), 'graph']

const ourPath = new RegExp(
  `^((${folders.join('|')})/\\w+\\.\\w+|warc/answers-\\d+\\.warc\\.gz|wacz/answers\\.wacz)$`,
)

/** What was written by hand is small; only there a change is looked for. */
async function isOurs(folder: string, path: string, sums: Map<string, string>): Promise<boolean> {
  const place = join(folder, path)
  if (path === sqliteName) return isOurSqlite(place)
  if (/^(data|graph)\/.*\.parquet$/.test(path)) return isOurParquet(place, path)
  if (path === sumsName) return sums.has(manifestName)
  if (!sums.has(path)) return false
  if (!descriptionNames.includes(path)) return ourPath.test(path)
  return (await readDigest(place)).sha256 === sums.get(path)
}

const tableNames = [...tables.map((each) => each.name), 'threads']
const graphNames = graphs.map((each) => each.name)

async function isOurParquet(place: string, path: string): Promise<boolean> {
  const [folder, table = ''] = path.split('/')
  const names = folder === 'graph' ? graphNames : tableNames
  if (!names.some((name) => table === name || table === `${name}.parquet`)) return false
  const footer = await withFile(place, readFooter)
  return footer?.createdBy?.split(' ')[0] === createdBy.split(' ')[0]
}

/** SQLite keeps the application's id at byte 68 of the file. */
async function isOurSqlite(path: string): Promise<boolean> {
  const id = await withFile(path, async (file) => {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 68)
    return bytesRead === 4 ? buffer.readUInt32BE(0) : null
  })
  return id === datasetApplicationId
}

async function withFile<T>(
  path: string,
  read: (file: FileHandle) => Promise<T>,
): Promise<T | null> {
  const file = await open(path)
  try {
    return (await file.stat()).isFile() ? await read(file) : null
  } finally {
    await file.close()
  }
}
