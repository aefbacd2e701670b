import type { Command } from 'commander'
import type { CallOutcome } from '../api/outcome.js'
import type { Endpoint } from '../model/endpoint.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { readSettings, type Settings } from './settings.js'
import type { SentCall } from './single-call.js'
import { addSharedFlags, type SharedFlags } from './shared-flags.js'
import { dollars, printResult, tellAside, tellTrouble } from './terminal.js'

/** The flags of `afterfeed call`. */
export interface OneCallFlags extends SharedFlags {
  baseUrl?: string
  save?: boolean
  withSignedUrls?: boolean
}

/** `afterfeed call`. */
export function addCall(program: Command): void {
  const command = program
    .command('call')
    .argument('[endpoint]', 'one of the 17; none: lists them')
    .argument('[parameters...]', 'as name=value')
    .summary('one call, its answer printed')
    .description(
      'Sends one call, once, and prints the answer without keys and signatures. Parameters are checked before ' +
        'anything is sent. Where there is an archive, the call is noted in its ledger.',
    )
    .option('--base-url <url>', 'where the API is (default: https://api.tikhub.io)')
    .option('--save', 'keep the answer in the archive, with all that it tells')
    .option('--with-signed-urls', 'keep signatures of URLs: for yourself, not for others')
    .addHelpText(
      'after',
      `
Examples:
  afterfeed call        (lists the endpoints, their prices and parameters)
  afterfeed call get_post_detail post_id=s_68ef1920… --save
  afterfeed call upload_image file=picture.png`,
    )
    .action((endpoint: string | undefined, parameters: string[], flags: OneCallFlags) =>
      runCommand(flags, (interruption) => runCall(endpoint, parameters, { flags, interruption })),
    )
  addSharedFlags(command)
}

async function runCall(
  name: string | undefined,
  words: readonly string[],
  { flags, interruption }: { flags: OneCallFlags; interruption: Interruption },
): Promise<number> {
  const settings = await readSettings(flags, process.env)
  const { listEndpoints, toCall } = await import('./checked-call.js')
  const { sendCall } = await import('./single-call.js')
  if (name === undefined) {
    const { rows, text } = listEndpoints(settings.api.prices)
    printResult(flags, { endpoints: rows }, text)
    return exitCodes.done
  }
  const call = await toCall(name, words)
  if (call.endpoint.deprecated) {
    const message = `${name} is deprecated by TikHub: it may be gone before the others`
    tellTrouble(flags, { event: 'warning', message }, message)
  }
  const sent = await sendCall(call, { settings, flags, signal: interruption.signal })
  printResult(flags, sent.result, sent.text)
  tellAside(flags, describe(call.endpoint, sent, settings))
  const isCutShort = interruption.signal.aborted && sent.outcome.kind !== 'page'
  return isCutShort ? exitCodeOf('interrupted', interruption.cause()) : codeOf(sent.outcome)
}

function describe(
  endpoint: Endpoint,
  { outcome, costUsd, isNoted }: SentCall,
  { archive }: Settings,
): string {
  const advice = outcome.kind === 'refused' ? ` ${outcome.advice}` : ''
  const problem = outcome.kind === 'page' ? '' : `${outcome.problem.replace(/\.+$/, '')}.${advice} `
  const ledger = isNoted ? `noted in the archive ${archive}` : `not noted: no archive at ${archive}`
  return `${problem}1 call of ${endpoint.name}, ${dollars(costUsd)} (billed: ${outcome.billed}); ${ledger}`
}

const codeOf = ({ kind }: CallOutcome): number =>
  kind === 'page' ? exitCodes.done : kind === 'refused' ? exitCodes.refused : exitCodes.failures
