import { Command, InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import { addCrawl } from '../../src/cli/crawl.js'
import { addDemo } from '../../src/cli/demo.js'
import { addExport } from '../../src/cli/export.js'
import { addMedia } from '../../src/cli/media.js'
import { numbers, toNumber } from '../../src/cli/numbers.js'
import { addSimulate } from '../../src/cli/simulate.js'

describe('toNumber', () => {
  it.each([
    ['0', 'amount', 0],
    ['0.05', 'amount', 0.05],
    ['12', 'amount', 12],
    ['0', 'count', 0],
    ['20', 'count', 20],
    ['9007199254740991', 'count', Number.MAX_SAFE_INTEGER],
    ['1', 'size', 1],
    ['64', 'parallel', 64],
    ['0', 'speed', 0],
    ['0.001', 'speed', 0.001],
  ] as const)('reads %j as %s', (text, kind, expected) => {
    expect(toNumber(numbers[kind])(text)).toBe(expected)
  })

  it.each([
    ...['', ' ', ' 5', 'fast', '-1', '-0', '+1', '1,5', '1_000', '.5', '5.', '5$'],
    ...['Infinity', 'NaN', '1e3', '1E3', '0x10', '0b1', '٣', '9'.repeat(400)],
  ])('refuses %j, whatever is expected', (text) => {
    for (const kind of Object.values(numbers))
      expect(() => toNumber(kind)(text)).toThrow(InvalidArgumentError)
  })

  it.each([
    ['1.5', 'count', 'expected a whole number from 0 on'],
    ['9007199254740992', 'count', 'expected a whole number from 0 on'],
    ['0', 'size', 'expected a whole number from 1 on'],
    ['0', 'parallel', 'expected a whole number from 1 to 64'],
    ['65', 'parallel', 'expected a whole number from 1 to 64'],
    ['1.5', 'parallel', 'expected a whole number from 1 to 64'],
    ['0.0001', 'speed', 'expected a number from 0.001 to 1000000, or 0 for no limit'],
    ['1.1', 'share', 'expected a number from 0 to 1'],
    ['0', 'seconds', 'expected a number from 0.001 to 86400'],
    ['0', 'megabytes', 'expected a number from 0.00001 to 1000000000'],
  ] as const)('refuses %j as %s', (text, kind, message) => {
    expect(() => toNumber(numbers[kind])(text)).toThrow(new InvalidArgumentError(message))
  })
})

describe('flags that take a number', () => {
  const program = new Command()
  for (const add of [addCrawl, addDemo, addExport, addMedia, addSimulate]) add(program)
  const isOfNumber = /<(n|usd|mb|hours|per second)>$/
  const flags = program.commands.flatMap((command) =>
    command.options
      .filter(({ flags }) => isOfNumber.test(flags))
      .map(({ long, parseArg }) => ({ flag: `${command.name()} ${long}`, parseArg })),
  )

  it('are these', () => {
    expect(flags.map(({ flag }) => flag)).toEqual([
      ...['crawl --budget', 'crawl --budget-total', 'crawl --max-requests', 'crawl --rate'],
      ...['crawl --concurrency', 'demo --posts', 'demo --seed'],
      ...['export --part-rows', 'export --warc-bytes'],
      ...['media --budget', 'media --budget-total', 'media --max-requests', 'media --rate'],
      ...['media --concurrency', 'media --bandwidth'],
      ...['simulate --port', 'simulate --seed', 'simulate --posts', 'simulate --comments'],
      ...['simulate --remixes', 'simulate --users', 'simulate --rate-limit'],
      ...['simulate --balance', 'simulate --free-credit', 'simulate --media-lifetime'],
    ])
  })

  it.each(flags)('$flag refuses what makes no sense', ({ parseArg }) => {
    for (const text of ['-1', 'NaN', '1e3', 'Infinity', ''])
      expect(() => parseArg?.(text, undefined)).toThrow(InvalidArgumentError)
  })
})
