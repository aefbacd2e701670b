import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InputError } from '../model/errors.js'

/**
 * An empty temporary folder, which whoever asks for it removes.
 * @throws InputError where none can be made
 */
export async function makeRoom(prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), prefix))
  } catch (error) {
    throw new InputError(
      `${tmpdir()}: no temporary folder can be made. Name another place in TMPDIR (${(error as Error).message}).`,
    )
  }
}
