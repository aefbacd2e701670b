import type { Outcome } from '../archive/run-log.js'

/** What a command's exit code means; scripts rely on these. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  budget: 3,
  refused: 4,
  failures: 5,
  sigint: 130,
  sigterm: 143,
} as const

/** The exit code for how a run ended. */
export function exitCodeOf(outcome: Outcome, signal: NodeJS.Signals | null): number {
  switch (outcome) {
    case 'done':
      return exitCodes.done
    case 'budget':
      return exitCodes.budget
    case 'refused':
      return exitCodes.refused
    case 'failures':
      return exitCodes.failures
    case 'interrupted':
      return signal === 'SIGTERM' ? exitCodes.sigterm : exitCodes.sigint
  }
}
