import { existsSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the new content is written, below the folder of unfinished work. */
export const stagingIn = (work: string): string => join(work, 'new')

/** The former content while it is moved there, and once all of it is there. */
const asideIn = (work: string): string => join(work, 'old')
const replacedIn = (work: string): string => join(work, 'replaced')

/**
 * Puts the new content in the place of the former one, all or nothing: where a step fails, all are taken
 * back; where the process is killed, `finishReplacing` brings it to an end.
 */
export async function replaceContent(
  target: string,
  work: string,
  former: readonly string[],
): Promise<void> {
  const undo: (() => Promise<void>)[] = []
  const move = async (from: string, to: string): Promise<void> => {
    await rename(from, to)
    undo.unshift(() => rename(to, from))
  }
  const aside = asideIn(work)
  await mkdir(aside)
  try {
    for (const name of former) await move(join(target, name), join(aside, name))
    await move(aside, replacedIn(work))
    const staging = stagingIn(work)
    for (const name of await readdir(staging)) await move(join(staging, name), join(target, name))
  } catch (error) {
    for (const step of undo) await step()
    throw error
  }
}

/**
 * Ends what a killed process began: the new content goes on into its place once all of the former one
 * had left; before that, the former one comes back.
 */
export async function finishReplacing(target: string, work: string): Promise<void> {
  const source = existsSync(replacedIn(work)) ? stagingIn(work) : asideIn(work)
  if (!existsSync(source)) return
  for (const name of await readdir(source)) await rename(join(source, name), join(target, name))
}
