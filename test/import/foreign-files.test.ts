import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { detail, openRoom, temporaryFolder } from './room.js'

/** How files of packings begin that are not read. */
const packings: readonly [name: string, head: string][] = [
  ['bzip2', 'BZh91AY&SY'],
  ['xz', '\xfd7zXZ\0\0\x04'],
  ['Zstandard', '\x28\xb5\x2f\xfd\x04'],
  ['7-Zip', '7z\xbc\xaf\x27\x1c'],
  ['RAR', 'Rar!\x1a\x07\x01'],
  ['tar', `${'dumps/feed.json'.padEnd(257, '\0')}ustar  \0`],
]

/** The bytes of a database that another program made. */
function foreignDatabase(): Buffer {
  const path = join(temporaryFolder(), 'notes.sqlite')
  new Database(path).exec('CREATE TABLE notes (text)').close()
  return readFileSync(path)
}

describe('importFiles of what others packed or made', () => {
  it.each(packings)('says what to do with a file packed as %s', async (name, head) => {
    const room = openRoom()
    const file = room.put('dump', Buffer.from(head, 'latin1'))

    const taking = room.take(file)

    await expect(taking).rejects.toThrow(
      `${file} is packed as ${name}, which is not read: unpack it`,
    )
  })

  it('says so of a packed file in a folder, too: there may be answers in it', async () => {
    const room = openRoom()
    room.put('dumps/a.json', JSON.stringify(detail(1)))
    const tar = room.put('dumps/old.tar', Buffer.from(packings.at(-1)![1], 'latin1'))

    const report = await room.take(dirname(tar))

    const problem = 'is packed as tar, which is not read: unpack it'
    expect(report).toMatchObject({ outcome: 'failures', pages: 1 })
    expect(report.bad).toEqual([{ file: tar, place: '', problem }])
  })

  it('says of a database of another program that there is nothing in it to take', async () => {
    const room = openRoom()
    const file = room.put('notes.sqlite', foreignDatabase())

    const taking = room.take(file)

    await expect(taking).rejects.toThrow(
      `${file} is an SQLite file of another program: no archive, and no answers to take`,
    )
  })

  it('passes over such a database in a folder, and counts it', async () => {
    const room = openRoom()
    const file = room.put('dumps/notes.sqlite', foreignDatabase())
    room.put('dumps/a.json', JSON.stringify(detail(1)))

    const report = await room.take(dirname(file))

    expect(report).toMatchObject({ outcome: 'done', pages: 1, bad: [] })
    expect(report.skipped).toEqual({ 'SQLite of another program': 1 })
  })
})
