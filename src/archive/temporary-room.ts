import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../model/errors.js'

/** What names the folder in which temporary files are made. */
export const roomVariable = 'TMPDIR (on Windows TEMP)'

const rooms = new Set<string>()

/**
 * An empty temporary folder, which whoever asks for it gives back to `removeRoom`.
 * @throws InputError where none can be made
 */
export async function makeRoom(prefix: string): Promise<string> {
  try {
    const folder = await mkdtemp(join(tmpdir(), prefix))
    rooms.add(folder)
    return folder
  } catch (error) {
    throw new InputError(
      `${tmpdir()}: no temporary folder can be made. Name another place in ${roomVariable} (${(error as Error).message}).`,
    )
  }
}

/** Removes a temporary folder with all it holds. */
export async function removeRoom(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  rooms.delete(folder)
}

/** Removes every temporary folder at once: for a program that ends in the middle of its work. */
export function removeRooms(): void {
  for (const folder of rooms) rmSync(folder, { recursive: true, force: true })
  rooms.clear()
}
