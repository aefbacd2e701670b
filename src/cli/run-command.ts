import { toArchiveError } from '../archive/storage-error.js'
import { removeRooms } from '../archive/temporary-room.js'
import { InputError } from '../model/errors.js'
import { exitCodes } from './exit-codes.js'
import { toLimitError } from './limit-error.js'
import { hideSecret, withoutSecrets } from './secrets.js'
import type { SharedFlags } from './shared-flags.js'
import { tellAside, tellTrouble } from './terminal.js'

/** What a running command knows of being interrupted. */
export interface Interruption {
  signal: AbortSignal
  /** The signal that came; NULL if none did. */
  cause: () => NodeJS.Signals | null
  /**
   * From now on a signal ends the process by itself; with `false` it is heard again. For work in which
   * nothing is to be saved: while SQLite is at a long statement, nobody in the process hears of a signal.
   */
  endAtOnce: (isOn?: boolean) => void
}

/**
 * Runs a command's work and sets the exit code it returns. Wrong input is told in its own words and
 * ends with 2; anything else is a bug, told with its stack, and ends with 1; neither tells the key.
 * The first SIGINT or SIGTERM asks the work to end; a second SIGINT ends at once. Temporary folders are
 * removed however it ends.
 */
export async function runCommand(
  flags: SharedFlags,
  work: (interruption: Interruption) => Promise<number>,
): Promise<void> {
  const controller = new AbortController()
  let cause: NodeJS.Signals | null = null
  const interrupt = (name: NodeJS.Signals) => {
    if (cause !== null && name === 'SIGINT') process.exit(exitCodes.sigint)
    cause = name
    tellAside(flags, '\nending; what is under way is saved')
    controller.abort()
  }
  const endAtOnce = (isOn = true) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.off(name, interrupt)
      if (!isOn) process.on(name, interrupt)
    }
  }
  hideSecret(process.env['TIKHUB_API_KEY'])
  endAtOnce(false)
  // Also what no promise of the work throws: a timer, an event, a promise nobody waits for.
  const failAtOnce = (error: unknown): never => process.exit(tellError(toLimitError(error), flags))
  process.on('uncaughtException', failAtOnce)
  process.once('exit', removeRooms)
  try {
    process.exitCode = await work({ signal: controller.signal, cause: () => cause, endAtOnce })
  } catch (error) {
    process.exitCode = tellError(toLimitError(toArchiveError(error)), flags)
  } finally {
    endAtOnce()
    process.off('uncaughtException', failAtOnce)
  }
}

/** Runs a command that only reads, as `runCommand`; a signal ends it at once. */
export const runReading = (flags: SharedFlags, work: () => Promise<number>): Promise<void> =>
  runCommand(flags, ({ endAtOnce }) => {
    endAtOnce()
    return work()
  })

/**
 * Has a command go on, and end as it would, when nobody reads its output any more (`| head`, a log
 * reader that ended): a walk that pays for its calls does not stop for want of an audience.
 */
export function outliveReaders(): void {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') tellUnwritten(error)
  })
}

/** What was to be done is done, but its result is lost: the disk that takes the output is full, say. */
function tellUnwritten({ message }: Error): void {
  process.stderr.write(`afterfeed: the result cannot be written: ${message}; all else is done\n`)
  process.once('exit', () => {
    process.exitCode ||= exitCodes.failures
  })
}

/** Prints an error without any secret; the exit code it leads to. */
function tellError(error: unknown, flags: SharedFlags): number {
  const isInput = error instanceof InputError
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  const text = isInput ? message : `this is a bug, please report it.\n${stack ?? message}`
  const told = withoutSecrets(text)
  const exit_code = isInput ? exitCodes.usage : exitCodes.bug
  tellTrouble(flags, { event: 'error', message: told, exit_code }, `afterfeed: ${told}`)
  return exit_code
}
