import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { WARCParser } from 'warcio'
import yauzl from 'yauzl'

/** The records of a packed WARC, read one after the other. */
export const countWarc = (path: string): Promise<number> => countRecords(createReadStream(path))

/**
 * The records of all WARCs in a WACZ.
 * @throws Error if its own manifest does not tell the digest of a file in it
 */
export async function countWacz(path: string): Promise<number> {
  const zip = await yauzl.openPromise(path, { autoClose: false })
  try {
    const hashes = new Map<string, string>()
    let records = 0
    let resources: readonly { path: string; hash: string }[] = []
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry
      const open = () => zip.openReadStreamPromise(entry)
      hashes.set(fileName, await hashOf(await open()))
      if (fileName.startsWith('archive/')) records += await countRecords(await open())
      if (fileName === 'datapackage.json') resources = resourcesIn(await readText(await open()))
    }
    for (const { path: name, hash } of resources)
      if (hashes.get(name) !== hash)
        throw new Error(`${name} in it is not what its datapackage.json says`)
    return records
  } finally {
    zip.close()
  }
}

async function countRecords(packed: Readable): Promise<number> {
  const parser = new WARCParser(packed, { parseHttp: false })
  let records = 0
  try {
    for (let record = await parser.parse(); record !== null; record = await parser.parse()) {
      for await (const part of record.reader) void part
      records += 1
    }
  } finally {
    packed.destroy()
  }
  return records
}

async function hashOf(bytes: Readable): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of bytes) hash.update(part as Buffer)
  return `sha256:${hash.digest('hex')}`
}

async function readText(bytes: Readable): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of bytes) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

const resourcesIn = (manifest: string) =>
  (JSON.parse(manifest) as { resources: { path: string; hash: string }[] }).resources
