import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandLine } from '../../src/cli/command-line.js'

describe('commandLine', () => {
  it('leaves plain words as they are', () => {
    const line = commandLine(['crawl', 'feed', '--max-pages', 'feed=3', '--archive', 'data/a-1'])

    expect(line).toBe('afterfeed crawl feed --max-pages feed=3 --archive data/a-1')
  })

  it('quotes what PowerShell takes for a variable or a list', () => {
    const line = commandLine(['crawl', '@gaps', '--only', 'comments,replies'])

    expect(line).toBe("afterfeed crawl '@gaps' --only 'comments,replies'")
  })

  it.each([
    ['search:two words'],
    ["search:it's"],
    ['$(touch x)'],
    ['a;b'],
    ['`c`'],
    ['~'],
    [''],
    ['ü'],
  ])('quotes %j so that a shell gives it back', (word) => {
    const line = commandLine([word]).replace(/^afterfeed/, "printf '%s'")

    expect(execFileSync('sh', ['-c', line], { encoding: 'utf8' })).toBe(word)
  })
})
