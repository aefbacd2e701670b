import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFile } from '../archive/writer-lock.js'
import { InputError } from '../model/errors.js'
import { toFolderError } from './folder-trouble.js'
import { findForeign, unfinished } from './former-export.js'
import { makeFolder } from './make-folder.js'
import { cardName } from './package/write-package.js'
import { finishReplacing, replaceContent, stagingIn } from './replace-content.js'

/** The folder of an export: it shows the former content, or the whole new one. */
export interface OutFolder {
  /** An empty folder to write to. */
  staging: string
  /** Puts what was written in the place of what was there. */
  publish(): Promise<void>
  /** Removes what was written, and the folder itself if it was made for it. */
  discard(): Promise<void>
}

/** @throws InputError if the folder holds something that no export wrote, or another export writes to it. */
export async function openOutFolder(outDir: string): Promise<OutFolder> {
  await requireFolder(outDir)
  const made = await makeFolder(outDir)
  const work = join(outDir, unfinished)
  const release = await takeFolder(outDir)
  const leave = async (place: string): Promise<void> => {
    release()
    await rm(place, { recursive: true, force: true })
  }
  try {
    await requireOurs(outDir)
    const staging = stagingIn(work)
    await mkdir(staging)
    return {
      staging,
      async publish(): Promise<void> {
        await replaceContent(outDir, work, await contentOf(outDir))
        await leave(work)
      },
      discard: () => leave(made ?? work),
    }
  } catch (error) {
    await leave(made ?? work)
    throw error
  }
}

/**
 * Checks a folder before anything is done for an export into it.
 * @throws InputError if the folder holds something that no export wrote, or another export writes to it.
 */
export async function checkOutFolder(outDir: string): Promise<void> {
  await requireFolder(outDir)
  if ((await stat(outDir).catch(() => null)) === null) return
  const release = await takeFolder(outDir)
  try {
    await requireOurs(outDir)
  } finally {
    release()
    await rm(join(outDir, unfinished), { recursive: true, force: true })
  }
}

const lockName = 'lock'

/**
 * Makes this process the one that exports into a folder; what a killed export left is brought to an end
 * where it had begun to replace the former content, and removed.
 */
async function takeFolder(outDir: string): Promise<() => void> {
  const work = join(outDir, unfinished)
  const release = await lockFolder(outDir, work).catch((error: unknown) => {
    throw toFolderError(error, outDir)
  })
  try {
    await finishReplacing(outDir, work)
    const left = (await readdir(work)).filter((each) => each !== lockName)
    for (const each of left) await rm(join(work, each), { recursive: true, force: true })
    return release
  } catch (error) {
    release()
    throw error
  }
}

async function lockFolder(outDir: string, work: string): Promise<() => void> {
  await makeFolder(work)
  return lockFile(
    join(work, lockName),
    () =>
      new InputError(
        `another export writes to ${outDir}. Wait for it to end, or name another folder`,
      ),
  )
}

const contentOf = async (outDir: string): Promise<string[]> =>
  (await readdir(outDir)).filter((each) => each !== unfinished)

async function requireFolder(outDir: string): Promise<void> {
  if (outDir === '') throw new InputError('--out is empty; name a folder')
  const found = await stat(outDir).catch(() => null)
  if (found !== null && !found.isDirectory())
    throw new InputError(`${outDir} is a file; name a folder with --out`)
}

async function requireOurs(outDir: string): Promise<void> {
  const foreign = await findForeign(outDir)
  if (foreign !== null)
    throw new InputError(
      `${outDir} holds ${foreign}, which no export wrote, or which was changed since; name a new or empty folder with --out` +
        (foreign === cardName ? ' (your own words for the card come in with --notes)' : ''),
    )
}
