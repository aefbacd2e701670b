import type { Command } from 'commander'
import type { ProbeReport } from '../api/probe.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { runCommand, type Interruption } from './run-command.js'
import { describeSettings, traceSettings, type SettingFlags } from './settings.js'
import { addSharedFlags } from './shared-flags.js'
import { printResult, toColumns } from './terminal.js'

/** `afterfeed doctor`. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('whether the API lives, the key is good, and which settings hold')
    .description(
      'Asks the API four free questions: health, the price of a call, a Sora2 route with a made-up key, ' +
        'and, if a key is set, its balance and scopes. Spends nothing. Then lists the settings in force ' +
        'and where each comes from. Ends with 4 if the API or the key is of no use.',
    )
    .option('--base-url <url>', 'where the API is (default: https://api.tikhub.io)')
    .action((flags: SettingFlags) =>
      runCommand(flags, (interruption) => runDoctor(flags, interruption)),
    )
  addSharedFlags(command)
}

async function runDoctor(flags: SettingFlags, { signal, cause }: Interruption): Promise<number> {
  const traced = await traceSettings(flags, process.env)
  const [{ probe }, { fullPriceOf }] = await Promise.all([
    import('../api/probe.js'),
    import('../model/prices.js'),
  ])
  const { base_url: baseUrl, key: apiKey, prices } = traced.settings.api
  const priceUsd = fullPriceOf({ perCall: prices }, 'get_feed')
  const report = await probe({ baseUrl, apiKey, priceUsd, signal })
  if (signal.aborted) return exitCodeOf('interrupted', cause())
  const settings = describeSettings(traced)
  const listed = settings.map(([name, value, source]) => ({ name, value, source }))
  printResult(flags, { ...report, settings: listed }, describe(report, settings))
  return report.is_usable ? exitCodes.done : exitCodes.refused
}

function describe(report: ProbeReport, settings: string[][]): string {
  const checks = report.checks.map(({ check, state, message }) => [check, state, message])
  return [
    `API at ${report.base_url}`,
    toColumns(checks),
    '',
    report.message,
    '',
    'Settings in force, and where each comes from:',
    toColumns(settings),
  ].join('\n')
}
