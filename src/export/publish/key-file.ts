import { createHmac, randomBytes } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isInside } from '../../archive/is-inside.js'
import { InputError } from '../../model/errors.js'

const keyBytes = 32

/** Where the key of an archive's pseudonyms lies if nobody says otherwise: beside its folder. */
export const keyFileOf = (archivePath: string): string =>
  `${resolve(dirname(archivePath))}.pseudonym-key`

/**
 * Refuses a place from where the key would go along with copies of the archive or the dataset.
 * @throws InputError
 */
export function requireApart(keyFile: string, archivePath: string, outDir: string): void {
  for (const folder of [resolve(dirname(archivePath)), resolve(outDir)])
    if (isInside(resolve(keyFile), folder))
      throw new InputError(
        `the key of the pseudonyms would lie inside ${folder} and go along with its copies; ` +
          'name another place with --pseudonym-key',
      )
}

/**
 * The key in a file; NULL if there is no file.
 * @throws InputError if the file holds no key
 */
export async function readKey(path: string): Promise<Buffer | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null
    throw new InputError(`cannot read the key of the pseudonyms: ${(error as Error).message}`)
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text))
    throw new InputError(`${path} holds no key of pseudonyms: 64 hex digits were expected`)
  return Buffer.from(text.trim(), 'hex')
}

/**
 * The key in a file, which only its owner can read; the first time a new one is made. The file is there
 * whole or not at all, and exports that begin at once have one key.
 * @throws InputError if it can be neither read nor made
 */
export async function openKey(path: string): Promise<Buffer> {
  const held = await readKey(path)
  if (held !== null) return held
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeKey(beside)
    await takePlace(beside, path)
  } catch (error) {
    throw new InputError(`cannot make the key of the pseudonyms: ${(error as Error).message}`)
  } finally {
    await rm(beside, { force: true })
  }
  return (await readKey(path))!
}

async function writeKey(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Gives a file its name, unless another one has it already; file systems without links overwrite that. */
async function takePlace(beside: string, path: string): Promise<void> {
  try {
    await link(beside, path)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') await rename(beside, path)
  }
}

/** What tells one key from another, and nothing else of it. */
export const fingerprintOf = (key: Uint8Array): string =>
  createHmac('sha256', key).update('fingerprint').digest('hex').slice(0, 16)
