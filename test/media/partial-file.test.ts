import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agreedKind } from '../../src/media/content-kind.js'
import { partialFolder, partialName } from '../../src/archive/media-store.js'
import { PartialFile } from '../../src/media/partial-file.js'
import { temporaryFolder } from './worlds.js'

const about = { validator: '"one"', total: 100, contentType: 'video/mp4' }
const mp4 = Buffer.concat([Buffer.from('\0\0\0\x20ftypisom', 'latin1'), Buffer.alloc(88, 7)])
const kind = agreedKind('video/mp4', mp4)!
const key = '../../../etc/passwd'

const open = (dir: string) => new PartialFile(dir, key, true)

const namesIn = (dir: string): string[] =>
  readdirSync(join(dir, 'media'), { recursive: true, encoding: 'utf8' }).sort()

/** A partial file of so many bytes, left as a kill would leave it. */
async function broken(dir: string, bytes: number): Promise<void> {
  const partial = open(dir)
  await partial.begin(0, about)
  await partial.write(mp4.subarray(0, bytes))
  await partial.keep()
}

describe('PartialFile', () => {
  it('is named by a digest of the key, beside the store', async () => {
    const dir = temporaryFolder()

    await broken(dir, 40)

    const name = `.partial-${createHash('sha256').update(key).digest('hex')}`
    expect(partialName(key)).toBe(name)
    expect(namesIn(dir)).toEqual(['sha256', `sha256/${name}`, `sha256/${name}.json`])
  })

  it('goes on where it was left, and ends as the whole', async () => {
    const dir = temporaryFolder()
    await broken(dir, 40)

    const partial = open(dir)
    const resume = partial.resume()
    await partial.begin(40, about)
    await partial.write(mp4.subarray(40))
    const whole = await partial.finish(kind, 'video/mp4')
    await partial.forget()

    const sha256 = createHash('sha256').update(mp4).digest('hex')
    expect(resume).toEqual({ offset: 40, validator: '"one"', total: 100 })
    expect(whole).toMatchObject({
      sha256,
      bytes: 100,
      path: `media/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}.mp4`,
    })
    expect(readFileSync(join(dir, whole.path)).equals(mp4)).toBe(true)
    expect(namesIn(dir).filter((name) => name.includes('.partial'))).toEqual([])
  })

  it('takes back what is behind the place from where the server goes on', async () => {
    const dir = temporaryFolder()
    await broken(dir, 60)

    const partial = open(dir)
    await partial.begin(0, about)
    await partial.write(mp4)
    const whole = await partial.finish(kind, 'video/mp4')

    expect(readFileSync(join(dir, whole.path)).equals(mp4)).toBe(true)
  })

  it('has nothing left behind its end of what was there before', async () => {
    const dir = temporaryFolder()
    await broken(dir, 90)

    const partial = open(dir)
    await partial.begin(40, about)
    await partial.write(mp4.subarray(40, 60))
    const whole = await partial.finish(kind, 'video/mp4')

    expect(readFileSync(join(dir, whole.path)).equals(mp4.subarray(0, 60))).toBe(true)
  })

  it('begins anew where nothing tells versions apart, or the note is lost', async () => {
    const dir = temporaryFolder()
    const partial = open(dir)
    await partial.begin(0, { ...about, validator: null })
    await partial.write(mp4.subarray(0, 40))
    await partial.keep()
    const blind = open(dir).resume()

    writeFileSync(join(partialFolder(dir), `${partialName(key)}.json`), '{"valid')

    expect([blind, open(dir).resume()]).toEqual([null, null])
  })

  it('counts only what is safe after the machine was started anew', async () => {
    const dir = temporaryFolder()
    await broken(dir, 40)
    const path = join(partialFolder(dir), `${partialName(key)}.json`)
    const note = JSON.parse(readFileSync(path, 'utf8')) as object

    writeFileSync(path, JSON.stringify({ ...note, boot: 'another', safeBytes: 16 }))

    expect(open(dir).resume()?.offset).toBe(16)
  })

  it('is known as whole where a kill came before the archive knew', async () => {
    const dir = temporaryFolder()
    const partial = open(dir)
    await partial.begin(0, about)
    await partial.write(mp4)
    const whole = await partial.finish(kind, 'video/mp4')

    expect(await open(dir).recover()).toEqual(whole)
  })

  it('gets its name where a kill came before that, and only if its bytes are the noted ones', async () => {
    const dir = temporaryFolder()
    const partial = open(dir)
    await partial.begin(0, about)
    await partial.write(mp4)
    const whole = await partial.finish(kind, 'video/mp4')
    const place = join(partialFolder(dir), partialName(key))
    rmSync(join(dir, whole.path))

    const recovered = [await open(dir).recover()]
    for (const bytes of [Buffer.alloc(100, 7), mp4.subarray(0, 99), mp4]) {
      writeFileSync(place, bytes)
      recovered.push(await open(dir).recover())
    }

    expect(recovered).toEqual([null, null, null, whole])
    expect(readFileSync(join(dir, whole.path)).equals(mp4)).toBe(true)
  })
})
