import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { InputError } from '../model/errors.js'
import { findForeign } from './former-export.js'

/** Where an export is written until it is complete; what a killed export left is removed. */
const unfinished = '.unfinished'

/** The folder of an export: it shows the former content, or the whole new one. */
export interface OutFolder {
  /** An empty folder to write to. */
  staging: string
  /** Puts what was written in the place of what was there. */
  publish(): Promise<void>
  /** Removes what was written, and the folder itself if it was made for it. */
  discard(): Promise<void>
}

/** @throws InputError if the folder holds something that no export wrote. */
export async function openOutFolder(outDir: string): Promise<OutFolder> {
  await requireFolder(outDir)
  const made = await mkdir(outDir, { recursive: true })
  const work = join(outDir, unfinished)
  await rm(work, { recursive: true, force: true })
  await requireOurs(outDir)
  const staging = join(work, 'new')
  await mkdir(staging, { recursive: true })
  return {
    staging,
    async publish(): Promise<void> {
      await replace(outDir, staging, join(work, 'old'))
      await rm(work, { recursive: true, force: true })
    },
    discard: () => rm(made ?? work, { recursive: true, force: true }),
  }
}

/**
 * Checks a folder before anything is done for an export into it.
 * @throws InputError if the folder holds something that no export wrote.
 */
export async function checkOutFolder(outDir: string): Promise<void> {
  await requireFolder(outDir)
  await rm(join(outDir, unfinished), { recursive: true, force: true })
  if ((await stat(outDir).catch(() => null)) !== null) await requireOurs(outDir)
}

async function requireFolder(outDir: string): Promise<void> {
  const found = await stat(outDir).catch(() => null)
  if (found !== null && !found.isDirectory())
    throw new InputError(`${outDir} is a file; name a folder with --out`)
}

async function requireOurs(outDir: string): Promise<void> {
  const foreign = await findForeign(outDir)
  if (foreign !== null)
    throw new InputError(
      `${outDir} holds ${foreign}, which no export wrote, or which was changed since; name a new or empty folder with --out`,
    )
}

/** Moves what is in `target` to `aside`, and what is in `source` to `target`; all or nothing. */
async function replace(target: string, source: string, aside: string): Promise<void> {
  await mkdir(aside)
  const undo: (() => Promise<void>)[] = []
  const move = async (name: string, from: string, to: string): Promise<void> => {
    await rename(join(from, name), join(to, name))
    undo.unshift(() => rename(join(to, name), join(from, name)))
  }
  try {
    const former = (await readdir(target)).filter((each) => each !== unfinished)
    for (const name of former) await move(name, target, aside)
    for (const name of await readdir(source)) await move(name, source, target)
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
}
