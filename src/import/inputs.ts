import { open, readdir, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, sep } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { hasArchive } from '../archive/archive-file.js'
import { databaseMagic } from '../archive/schema.js'
import { InputError } from '../model/errors.js'

/** Something to read: a file, an archive of ours, or what comes through a pipe. */
export interface Input {
  kind: 'file' | 'archive' | 'pipe'
  /** As messages name it. */
  name: string
  /** As the ledger names it: relative names as given, of absolute ones the last part. */
  origin: string
  /** Empty for standard input. */
  path: string
  /** Named by the user, not found in a folder: it ought to be ours. */
  isNamed: boolean
  size: number
  /** Microseconds since 1970; NULL where none is known. */
  modifiedAt: number | null
}

/** What was found behind the names, and what could not be. */
export interface Inputs {
  inputs: Input[]
  bad: { file: string; problem: string }[]
  folders: number
  /** Links found in folders: they are not followed. */
  links: number
}

/**
 * Finds the files behind names: files, folders with all below them, patterns, `-` for the pipe. The
 * ledger's names and patterns have `/` on every system; `separator` is that of the names.
 */
export async function findInputs(names: readonly string[], separator = sep): Promise<Inputs> {
  const found: Inputs = { inputs: [], bad: [], folders: 0, links: 0 }
  for (const name of names) {
    const written = name.replaceAll(separator, '/')
    await findOrTell(name, found, () => findNamed({ name, written }, found))
  }
  return found
}

/** What cannot be found is told under its name; the rest is found all the same. */
async function findOrTell(file: string, found: Inputs, find: () => Promise<void>): Promise<void> {
  try {
    await find()
  } catch (error) {
    const { message } = error as Error
    const problem = error instanceof InputError ? message : `cannot be read: ${message}`
    found.bad.push({ file, problem })
  }
}

interface Named {
  name: string
  /** The same with `/`. */
  written: string
}

async function findNamed({ name, written }: Named, found: Inputs): Promise<void> {
  if (name === '-') {
    const pipe = { name: 'stdin', origin: 'stdin', path: '', isNamed: true, size: 0 }
    found.inputs.push({ kind: 'pipe', ...pipe, modifiedAt: null })
    return
  }
  if (/^https?:\/\//.test(name))
    throw new InputError(
      'is an address: nothing is fetched here; save what it answers, and name the file',
    )
  const facts = await stat(name).catch((error: NodeJS.ErrnoException) => error)
  if (!(facts instanceof Error))
    return findPlace({ path: name, origin: originOf(written) }, true, found)
  if (!isDynamicPattern(written)) throw facts
  const all = { dot: true, onlyFiles: false, expandDirectories: false }
  const paths = await glob(written, { ...all, absolute: isAbsolute(written) })
  if (paths.length === 0) throw new InputError('is a pattern that no file fits')
  for (const path of paths.sort())
    await findOrTell(path, found, () => findPlace({ path, origin: originOf(path) }, true, found))
}

const originOf = (path: string): string =>
  isAbsolute(path) ? basename(path) : path.replace(/(.)\/+$/, '$1')

interface Place {
  path: string
  origin: string
}

async function findPlace(place: Place, isNamed: boolean, found: Inputs): Promise<void> {
  const { path, origin } = place
  const facts = await stat(path)
  if (facts.isDirectory()) return findInFolder(place, isNamed, found)
  if (!facts.isFile() && !facts.isFIFO()) throw new InputError('is neither a file nor a folder')
  found.inputs.push({
    kind: facts.isFIFO() ? 'pipe' : (await isDatabase(path)) ? 'archive' : 'file',
    ...{ name: path, origin, path, isNamed, size: facts.size },
    modifiedAt: Math.round(facts.mtimeMs * 1000),
  })
}

/** All files of a folder in the order of their names, those of its folders too; links are not followed. */
async function findInFolder(place: Place, isNamed: boolean, found: Inputs): Promise<void> {
  const { path, origin } = place
  const entries = await readdir(path, { withFileTypes: true })
  if (hasArchive(path)) {
    const facts = { kind: 'archive', name: path, origin, path, isNamed, size: 0 } as const
    found.inputs.push({ ...facts, modifiedAt: null })
    return
  }
  found.folders += 1
  if (isNamed && entries.length === 0) throw new InputError('is an empty folder')
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const below = { path: join(path, entry.name), origin: `${origin}/${entry.name}` }
    if (entry.isSymbolicLink()) found.links += 1
    else if (entry.isDirectory() || entry.isFile())
      await findOrTell(below.path, found, () => findPlace(below, false, found))
  }
}

async function isDatabase(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { length } = databaseMagic
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.toString('latin1', 0, bytesRead) === databaseMagic
  } finally {
    await file.close()
  }
}
