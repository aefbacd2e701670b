import { once } from 'node:events'
import type { Command } from 'commander'
import { exitCodes } from './exit-codes.js'
import { faultKinds } from '../simulator/faults.js'
import { listed } from './help-text.js'
import { numbers, toNumber } from './numbers.js'
import { runCommand, type Interruption } from './run-command.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { printResult } from './terminal.js'

interface SimulateFlags extends SharedFlags {
  port?: number
  seed?: number
  posts?: number
  comments?: number
  remixes?: number
  users?: number
  faults?: string
  rateLimit?: number
  ratePer?: 'key' | 'path'
  balance?: number
  freeCredit?: number
  discounts?: boolean
  hasMore?: 'absent' | 'present' | 'wrong'
  shape?: 'native' | 'documented'
  mediaLifetime?: number
}

/** `afterfeed simulate`. */
export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .summary('serve a local copy of the API')
    .description(
      'Serves a deterministic social network behind all 17 endpoints, with media, prices, limits and faults, ' +
        'on 127.0.0.1 until it is stopped. Prints its address and key.',
    )
    .option('--port <n>', 'port (default: a free one)', toNumber(numbers.count))
    .option('--seed <n>', 'another seed, another network (default: 1)', toNumber(numbers.count))
    .option('--posts <n>', 'original posts in the feed (default: 100)', toNumber(numbers.count))
    .option(
      '--comments <n>',
      'comments on a post, on average (default: 4)',
      toNumber(numbers.amount),
    )
    .option(
      '--remixes <n>',
      'remixes of a post, on average, below 1 (default: 0.4)',
      toNumber(numbers.amount),
    )
    .option('--users <n>', 'people (default: 30, and 3 for every 5 posts)', toNumber(numbers.count))
    .option(
      '--faults <list>',
      'what goes wrong (below), each with its share of the calls, e.g. 503=0.1,slow=0.05:400',
    )
    .option('--rate-limit <n>', 'calls a second (default: no limit)', toNumber(numbers.amount))
    .option(
      '--rate-per <what>',
      'key or path: that limit for the whole key, or for each path (default: key)',
    )
    .option('--balance <usd>', 'balance of the account (default: no end)', toNumber(numbers.amount))
    .option(
      '--free-credit <usd>',
      'free credit, spent before the balance (default: 0)',
      toNumber(numbers.amount),
    )
    .option('--discounts', 'calls cost less from the 1,000th of a day on')
    .option('--has-more <how>', 'whether lists tell it: absent, present or wrong (default: absent)')
    .option(
      '--shape <which>',
      'answers as captured (native) or as TikHub prints them (documented) (default: native)',
    )
    .option(
      '--media-lifetime <hours>',
      'how long a signed address is good (default: 72)',
      toNumber(numbers.amount),
    )
    .addHelpText(
      'after',
      `
Faults, as NAME=SHARE or NAME=SHARE:ARGUMENT:
${listed(faultKinds)}`,
    )
    .action((flags: SimulateFlags) =>
      runCommand(flags, (interruption) => runSimulate(flags, interruption)),
    )
  addSharedFlags(command)
}

async function runSimulate(flags: SimulateFlags, { signal }: Interruption): Promise<number> {
  const { openSimulator } = await import('../simulator/index.js')
  const { balance, freeCredit, mediaLifetime, ...rest } = flags
  const simulator = await openSimulator({
    ...simulatorOptions(rest),
    ...(balance === undefined ? {} : { balanceUsd: balance }),
    ...(freeCredit === undefined ? {} : { freeCreditUsd: freeCredit }),
    ...(mediaLifetime === undefined ? {} : { mediaLifetimeHours: mediaLifetime }),
    clock: () => Date.now(),
  })
  const { url, port, key } = simulator
  printResult(
    flags,
    { url, port, key },
    `Local API at ${url}, key ${key}. In another shell:\n` +
      `  TIKHUB_API_KEY=${key} afterfeed crawl feed --base-url ${url} --rate 100 --archive data/local\n` +
      'Ctrl-C ends it.',
  )
  if (!signal.aborted) await once(signal, 'abort')
  await simulator.close()
  return exitCodes.done
}

/** The flags that the simulator knows by the same name. */
function simulatorOptions(flags: SimulateFlags): object {
  const { port, seed, posts, comments, remixes, users } = flags
  const { faults, rateLimit, ratePer, discounts, hasMore, shape } = flags
  return Object.fromEntries(
    Object.entries({
      ...{ port, seed, posts, comments, remixes, users },
      ...{ faults, rateLimit, ratePer, discounts, hasMore, shape },
    }).filter(([, value]) => value !== undefined),
  )
}
