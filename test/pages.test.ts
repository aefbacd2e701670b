import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildProgram, main, root } from './cli/program.js'

const docs = ['docs/examples.md', 'docs/json.md', 'docs/threat-model.md']
const pages = ['README.md', 'CONTRIBUTING.md', ...docs]
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8')

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading]) =>
        `#${heading!
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-')}`,
    ),
  )

/** The links of a page that lead nowhere. */
function deadLinks(page: string): string[] {
  const text = textOf(page)
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  return links.filter((link) =>
    link.startsWith('#')
      ? !anchorsOf(text).has(link)
      : !link.startsWith('https://') && !existsSync(join(root, dirname(page), link)),
  )
}

const helpOf = (...command: string[]): string =>
  execFileSync(process.execPath, [main, ...command, '--help'], { encoding: 'utf8' })

/** What the program's help knows: its commands, and the options of each. */
function readHelp(): Map<string, Set<string>> {
  const list = /^Commands:\n([\s\S]*?)\n\n/m.exec(helpOf())![1]!
  const names = [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!)
  const commands = names.filter((name) => name !== 'help')
  return new Map(commands.map((name) => [name, new Set(helpOf(name).match(/--[a-z-]+/g))]))
}

describe('the pages for people', () => {
  let help: Map<string, Set<string>>

  beforeAll(() => {
    buildProgram()
    help = readHelp()
  })

  it.each(pages)('%s has no link that leads nowhere', (page) => {
    expect(deadLinks(page)).toEqual([])
  })

  it.each(pages)('%s shows only commands with options that these take', (page) => {
    const shown = [...textOf(page).matchAll(/npx afterfeed ([a-z]+)([^\n`]*)/g)]
    const wrong = shown.filter(([, command, rest]) => {
      const options = rest!.replace(/ #.*/, '').match(/--[a-z-]+/g) ?? []
      return !options.every((option) => help.get(command!)?.has(option))
    })

    expect(wrong.map(([line]) => line)).toEqual([])
  })

  it('README.md names no option that no command takes, and every command', () => {
    const text = textOf('README.md').replace('xcode-select --install', '')
    const known = new Set([...help.values()].flatMap((options) => [...options]))
    const named = text.match(/(?<=[\s`])--[a-z][a-z-]+/g) ?? []

    expect(named.filter((option) => !known.has(option))).toEqual([])
    expect([...help.keys()].filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
    expect(named.length).toBeGreaterThan(40)
  })
})
