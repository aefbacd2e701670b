import { execFileSync } from 'node:child_process'
import { onTestFinished, type TestContext } from 'vitest'
import { temporaryFolder } from './program.js'

/** A disk of thirty megabytes; the test is skipped, and says why, where this user may mount none. */
export function smallDisk({ skip }: Pick<TestContext, 'skip'>): string {
  const folder = temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=30m', 'none', folder], { stdio: 'pipe' })
  } catch {
    return skip('this user may mount no small disk')
  }
  onTestFinished(() => void execFileSync('umount', [folder]))
  return folder
}
