import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'

/** A file to be put into a ZIP. */
export interface ZipMember {
  /** Where it lies, or what is in it. */
  from: string | Buffer
  /** Its path in the ZIP. */
  path: string
}

/**
 * ZIP keeps times of the clock on the wall, so this one is the same on every wall. Nothing is packed
 * again: WACZ asks it of WARCs and indexes, and the packer of the system differs from machine to machine.
 */
const attributes = () => ({
  mtime: new Date(1980, 0, 1, 12),
  mode: 0o100644,
  compress: false,
  forceDosTimestamp: true,
})

/** Puts files into a new ZIP, in this order. */
export async function zipFiles(path: string, members: readonly ZipMember[]): Promise<void> {
  const zip = new ZipFile()
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  for (const { from, path: name } of members)
    if (typeof from === 'string') zip.addFile(from, name, attributes())
    else zip.addBuffer(from, name, attributes())
  zip.end()
  await Promise.race([pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' })), failed])
}
