#!/usr/bin/env node
import { Command } from 'commander'
import { version } from '../model/version.js'
import { addBackup } from './backup.js'
import { addCall } from './call.js'
import { addCrawl } from './crawl.js'
import { addDemo } from './demo.js'
import { addDoctor } from './doctor.js'
import { addExport } from './export.js'
import { addForget } from './forget.js'
import { addHistory } from './history.js'
import { addImport } from './import.js'
import { addMedia } from './media.js'
import { addRebuild } from './rebuild.js'
import { addSimulate } from './simulate.js'
import { addStatus } from './status.js'
import { addTrace } from './trace.js'
import { addVerify } from './verify.js'
import { exitCodes } from './exit-codes.js'
import { outliveReaders } from './run-command.js'
import { tellTrouble } from './terminal.js'
import { usageHints } from './usage-hints.js'

outliveReaders()

/** What Commander says of wrong usage comes before any flag is read. */
const json = process.argv.includes('--json')

const program = new Command('afterfeed')
  .description(
    "Archival crawler and dataset exporter for Sora 2's social feed, as TikHub's Sora2 API relays it.\n" +
      'The live service is very probably gone: import the dumps you hold, or try it on a local API.',
  )
  .version(version)
  .showHelpAfterError(!json && '(see `afterfeed --help`, or `afterfeed COMMAND --help`)')
  .configureOutput({
    outputError: (text) => {
      const told = [text.trim(), ...usageHints(text, process.argv.slice(2))].join('\n')
      const message = told.replace(/^error: /, '')
      tellTrouble({ json }, { event: 'error', message, exit_code: exitCodes.usage }, told)
    },
  })
  .configureHelp({ sortSubcommands: false, subcommandTerm: (command) => command.name() })
  .exitOverride()
  .addHelpText(
    'after',
    `
First steps:
  afterfeed demo                               all of it, on this machine alone
  afterfeed import drafts.json feed-page.json  bring in answers that you hold
  afterfeed export --out my-dataset            Parquet and SQLite

Options come after the command: \`afterfeed COMMAND --help\` lists them.
Exit codes: 0 done · 1 a bug · 2 wrong usage or input, nothing changed ·
  3 stopped at a limit · 4 refused by the API · 5 done with failures ·
  130, 143 interrupted. After 3, 4, 130 and 143 the same command goes on.`,
  )

addCrawl(program)
addImport(program)
addMedia(program)
addExport(program)
addRebuild(program)
addStatus(program)
addVerify(program)
addBackup(program)
addForget(program)
addDoctor(program)
addTrace(program)
addHistory(program)
addCall(program)
addSimulate(program)
addDemo(program)

await program.parseAsync().catch((error: { code?: string; exitCode?: number }) => {
  // Commander has told the user already; its own exit code for wrong usage is 1.
  if (error.code?.startsWith('commander.'))
    process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage)
  throw error
})
