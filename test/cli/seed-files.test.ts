import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expandSeeds } from '../../src/cli/seed-files.js'
import { InputError } from '../../src/model/errors.js'
import { temporaryFolder } from './program.js'

function fileWith(text: string | Buffer): string {
  const path = join(temporaryFolder(), 'seeds.txt')
  writeFileSync(path, text)
  return path
}

describe('expandSeeds', () => {
  it('puts the seeds of a file in its place, without blank lines and notes', async () => {
    const path = fileWith('\ufeff# mine\r\nfeed\r\n\r\n  search:two words  \nuser:user-1\n')

    const seeds = await expandSeeds(['leaderboard', `@${path}`, 'post:s_1'])

    expect(seeds).toEqual(['leaderboard', 'feed', 'search:two words', 'user:user-1', 'post:s_1'])
  })

  it('takes UTF-16, as PowerShell writes it', async () => {
    const path = fileWith(Buffer.from('\ufefffeed\r\nuser:user-1\r\n', 'utf16le'))

    expect(await expandSeeds([`@${path}`])).toEqual(['feed', 'user:user-1'])
  })

  it('leaves @gaps as it is', async () => {
    expect(await expandSeeds(['@gaps'])).toEqual(['@gaps'])
  })

  it('takes half a million lines, more than a call takes arguments', async () => {
    const lines = Array.from({ length: 500_000 }, (_, index) => `post:s_${index}`)

    expect(await expandSeeds([`@${fileWith(lines.join('\n'))}`])).toHaveLength(500_000)
  })

  it.each([
    ['@/nowhere/seeds.txt', '@/nowhere/seeds.txt cannot be read (@ names a file of seeds): '],
    [`@${import.meta.dirname}`, 'cannot be read'],
  ])('says that %s cannot be read', async (seed, message) => {
    await expect(expandSeeds([seed])).rejects.toThrow(InputError)
    await expect(expandSeeds([seed])).rejects.toThrow(message)
  })

  it('says that a file holds no seed', async () => {
    await expect(expandSeeds([`@${fileWith('# none\n')}`])).rejects.toThrow('holds no seed')
  })
})
