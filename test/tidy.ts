import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as realTimer } from 'node:timers'
import { afterAll, expect } from 'vitest'

/*
 * Runs before each file of tests: gives it, and every program that it starts, a folder of its own
 * for temporary files, and holds it to leave nothing there. Files share a process: none may change
 * it for those behind.
 */
if (globalThis.setTimeout !== realTimer)
  throw new Error('an earlier file of tests left its false timers: nothing would ever wait again')

/** What of the process a file of tests may change, and must put back. */
const shared = () => ({ cwd: process.cwd(), env: { ...process.env }, warn: console.warn })

const before = shared()
const outer = process.env['TMPDIR']
const room = mkdtempSync(join(tmpdir(), 'afterfeed-tests-'))
// A test runs the program as another user.
chmodSync(room, 0o755)
process.env['TMPDIR'] = room

afterAll(() => {
  const left = readdirSync(room, { recursive: true })
  if (outer === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = outer
  rmSync(room, { recursive: true, force: true })
  expect(left, 'left among the temporary files').toEqual([])
  expect(shared(), 'left changed for the files behind').toEqual(before)
})
