import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { version } from '../src/model/version.js'
import { buildFolder, buildProgram, root } from './cli/build.js'

const textOf = (name: string): string => readFileSync(join(root, name), 'utf8')
const manifest = JSON.parse(textOf('package.json')) as {
  version: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

describe('the package', () => {
  it('has one version', () => {
    expect(version).toBe(manifest.version)
  })

  it('pins every dependency', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies }
    const loose = Object.entries(all).filter(
      ([, wanted]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(wanted),
    )

    expect(loose).toEqual([])
  })

  it('gives the reason for every dependency in the README', () => {
    const reasons = textOf('README.md')
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    const unexplained = names.filter(
      (name) => !name.startsWith('@types/') && !reasons.includes(`\`${name}\``),
    )

    expect(unexplained).toEqual([])
  })

  it('has a test for each line of the threat model', () => {
    const lines = textOf('docs/threat-model.md')
      .split('\n')
      .filter((line) => /^\| (?!what |---)/.test(line))
    const untested = lines.filter((line) => {
      const tests = [...line.matchAll(/`([\w/.-]+\.ts)`/g)].map((match) => match[1]!)
      return tests.length === 0 || !tests.every((name) => existsSync(join(root, 'test', name)))
    })

    expect(lines.length).toBeGreaterThan(15)
    expect(untested).toEqual([])
  })

  const program = join(root, 'dist/cli/main.js')
  it.skipIf(!existsSync(program) || process.platform === 'win32')(
    'is built as a program that may run: npx takes no care of that where it knows the folder',
    () => {
      expect(statSync(program).mode & 0o111).toBe(0o111)
    },
  )

  const isCheckout = existsSync(join(root, '.git'))
  it.skipIf(!isCheckout)('has the same bytes in a checkout on any system', () => {
    const listed = execFileSync('git', ['ls-files', '--eol'], { cwd: root, encoding: 'utf8' })
    const files = listed.trimEnd().split('\n')
    const isSame = (file: string) => /^i\/(lf|none) .* eol=lf|^i\/-text .*\/-text/.test(file)

    expect(files.length).toBeGreaterThan(400)
    expect(files.filter((file) => !isSame(file))).toEqual([])
  })
})

describe("the README's library example", () => {
  let folder: string

  beforeAll(buildProgram)
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'afterfeed-example-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('runs as it stands', () => {
    const [, example] = /```js\n(import [\s\S]*?)```/.exec(textOf('README.md'))!
    writeFileSync(
      join(folder, 'example.mjs'),
      example!.replace("'afterfeed'", `'${buildFolder}/index.js'`),
    )
    writeFileSync(join(folder, 'drafts.json'), textOf('config/demo-drafts.json'))

    const printed = execFileSync(process.execPath, ['example.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    })

    expect(printed).toMatch(/^done \d+ \d+\n$/)
    expect(
      readFileSync(join(folder, 'my-dataset', 'data', 'generations.parquet')).length,
    ).toBeGreaterThan(0)
  })
})
