import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src', import.meta.url))

/** Who may import whom: a floor imports only what lies under it. */
const mayImport: Record<string, readonly string[]> = {
  model: [],
  api: ['model'],
  archive: ['model'],
  crawl: ['model', 'api', 'archive'],
  import: ['model', 'api', 'archive'],
  media: ['model', 'api', 'archive'],
  export: ['model', 'archive'],
  simulator: ['model'],
  cli: ['model', 'api', 'archive', 'crawl', 'import', 'media', 'export', 'simulator'],
}

/** What stands for the world outside; only these rooms may name it. */
const outside = /\b(process\.[a-z]|console\.[a-z]|fetch\(|Date\.now)/
const mayNameOutside = ['cli', 'api']

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({
    path,
    room: path.split('/')[0]!,
    text: readFileSync(join(source, path), 'utf8'),
  }))
  .filter(({ path }) => path !== 'index.ts')

const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, target]) =>
    relative(source, join(source, path, '..', target!)),
  )

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')

describe('the floors of src', () => {
  it.each(Object.entries(mayImport))('%s imports only what lies under it', (room, allowed) => {
    const foreign = files
      .filter((file) => file.room === room)
      .flatMap(({ path, text }) => importsOf(path, text).map((target) => [path, target] as const))
      .filter(([, target]) => ![room, ...allowed].includes(target.split('/')[0]!))

    expect(foreign).toEqual([])
  })

  it('has no room that the table does not know', () => {
    expect([...new Set(files.map(({ room }) => room))].sort()).toEqual(
      Object.keys(mayImport).sort(),
    )
  })

  it('gives nothing a name that says nothing', () => {
    // Not `handle`: that is what a person is called by.
    const names = 'utils?|helpers?|common|manager|service|data'
    const named = files
      .filter(
        ({ path, text }) =>
          new RegExp(`(^|/)(${names})(/|\\.ts$)`, 'i').test(path) ||
          new RegExp(`\\b(const|let|function|class|interface|type) (${names})\\b`).test(text),
      )
      .map(({ path }) => path)

    expect(named).toEqual([])
  })

  it('names the clock, the console, the process and the network in cli and api only', () => {
    const named = files
      .filter(
        ({ room, text }) => !mayNameOutside.includes(room) && outside.test(withoutComments(text)),
      )
      .map(({ path }) => path)

    expect(named).toEqual([])
  })
})
