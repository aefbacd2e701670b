import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { detail, openRoom, textsIn } from './room.js'

it('ends an import at once when it is stopped while its pipe is silent', async () => {
  const room = openRoom()
  const controller = new AbortController()
  const pipe = new PassThrough()
  const note = 'x'.repeat(5000)
  const lines = [1, 2, 3].map((n) => `${JSON.stringify({ ...detail(n), note })}\n`)

  const running = room.take('-', {
    stdin: pipe,
    signal: controller.signal,
    onProgress: () => setImmediate(() => controller.abort()),
  })
  pipe.write(lines.join(''))

  expect(await running).toMatchObject({ outcome: 'interrupted', pages: 3, bad: [] })
  expect(textsIn(room)).toEqual(['text 1', 'text 2', 'text 3'])
  expect(pipe.destroyed).toBe(true)
})
