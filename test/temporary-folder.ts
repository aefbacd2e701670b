import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * A temporary folder that goes when the test ends, with what is put beside it: the key of an
 * archive's pseudonyms lies there.
 */
export function temporaryFolder(): string {
  const room = mkdtempSync(join(tmpdir(), 'afterfeed-'))
  onTestFinished(() => rmSync(room, { recursive: true, force: true }))
  // A test runs the program as another user.
  chmodSync(room, 0o755)
  const folder = join(room, 'folder')
  mkdirSync(folder, { mode: 0o700 })
  return folder
}
