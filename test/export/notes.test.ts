import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { forget } from '../../src/archive/forget/forget.js'
import { exportDataset, verifyDataset, type ExportOptions } from '../../src/export/index.js'
import { InputError } from '../../src/model/errors.js'
import { buildProgram, run } from '../cli/program.js'
import { makeArchive, temporaryFolder } from './archives.js'

const notes = '\uFEFFAsk ann@uni.example.\r\n\r\n- [x] Ethics: 2026-17\r\n---\r\nlicense: mit\r\n'
const shown = 'Ask ann@uni.example.\n\n- [x] Ethics: 2026-17\n---\nlicense: mit'

beforeAll(buildProgram)

function start() {
  const folder = temporaryFolder()
  const archivePath = makeArchive(folder, { posts: [{ post_id: 's_1' }] })
  const outDir = join(folder, 'out')
  const exported = (options: Partial<ExportOptions>) =>
    exportDataset({ archivePath, outDir, formats: ['csv'], ...options })
  const card = () => readFileSync(join(outDir, 'README.md'), 'utf8')
  return { folder, archivePath, outDir, exported, card }
}

describe('words of the makers', () => {
  it('end the card as they were written, and leave its header alone', async () => {
    const { exported, card } = start()

    await exported({ notes: notes.slice(1) })

    expect(card().split('\n\n## From its makers\n\n')[1]).toBe(`${shown}\n`)
    expect(parse(card().split('---\n')[1]!)).toMatchObject({ license: 'unknown' })
    expect(card()).toContain('stands [below](#from-its-makers)')
  })

  it('stay through an append, or give way to others there, and the version with them', async () => {
    const { exported, card, archivePath, outDir } = start()
    const first = await exported({ notes: 'One.' })

    await exportDataset({ archivePath, outDir, append: true })
    const kept = card()
    const second = await exportDataset({ archivePath, outDir, append: true, notes: 'Two.' })

    expect(kept).toMatch(/## From its makers\n\nOne\.\n$/)
    expect(card()).toMatch(/## From its makers\n\nTwo\.\n$/)
    expect(second.version).toBe(first.version)
    expect(await verifyDataset({ datasetDir: outDir, archivePath })).toEqual([])
  })

  it('are missed where there are none, and where somebody wrote them into the card', async () => {
    const { exported, card, archivePath, outDir } = start()
    await exported({})

    expect(card()).toContain('`export --append --notes FILE` puts answers into this card.')
    writeFileSync(join(outDir, 'README.md'), card().replace('- [ ]', '- [x]'))
    await expect(exportDataset({ archivePath, outDir, append: true })).rejects.toThrow(
      /holds README\.md.*your own words for the card come in with --notes/,
    )
  })

  it('are text, and not too much of it', async () => {
    const { exported, outDir } = start()

    for (const wrong of [' \n', 'PNG\u0000', 'caf\uFFFD', '\ud800', 'x'.repeat(200_001)])
      await expect(exported({ notes: wrong })).rejects.toThrow(InputError)
    expect(existsSync(outDir)).toBe(false)
  })

  it('come from a file, in UTF-8 or UTF-16', async () => {
    const { folder, archivePath, outDir, card } = start()
    const file = join(folder, 'notes.md')
    const flags = ['export', '--out', outDir, '--format', 'csv', '--quiet', '--notes']
    const from = async (path: string) =>
      (await run([...flags, path, '--archive', join(archivePath, '..')])).code

    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(file, notes, encoding)
      expect(await from(file)).toBe(0)
      expect(card().endsWith(`## From its makers\n\n${shown}\n`)).toBe(true)
    }
    expect(await from(join(folder, 'nowhere.md'))).toBe(2)
  })

  it('do not carry the API key out, nor does any other name, whatever the profile', async () => {
    const { exported, outDir } = start()
    const key = 'tikhub-key/1+2'

    for (const told of [{ notes: `Key: ${key}.` }, { creator: ['Ann', key] }, { title: key }])
      await expect(exported({ ...told, secrets: [key] })).rejects.toThrow(
        /^--\w+ holds the API key/,
      )
    expect(existsSync(outDir)).toBe(false)
  })

  it('name nobody who was forgotten, also where an append would keep the name', async () => {
    const { exported, folder, archivePath, outDir, card } = start()
    const append = (options: Partial<ExportOptions> = {}) =>
      exportDataset({ archivePath, outDir, append: true, ...options })
    await exported({ notes: 'Ask @Gone.Person.', title: 'Of user-0123456789abcdefghijklmn' })
    const seeds = ['user:@gone.person', 'user:user-0123456789abcdefghijklmn']
    await forget({ archiveDir: folder, seeds, clock: () => 1 })

    await expect(append()).rejects.toThrow('--title names somebody who was forgotten')
    await expect(append({ title: 'Feed' })).rejects.toThrow('--notes names somebody')
    await expect(append({ creator: '@gone.person' })).rejects.toThrow(InputError)
    await append({ title: 'Feed', notes: 'Ask Ann.' })
    expect(card()).not.toMatch(/gone|user-0/i)
  })

  it('are looked through like all else that is published', async () => {
    const { exported, outDir } = start()
    const told = exported({ profile: 'ids', notes: 'See user-0123456789abcdefghij.' })

    await expect(told).rejects.toThrow('README.md: the id of a person')
    expect(existsSync(outDir)).toBe(false)
  })
})
