import type Database from 'better-sqlite3'
import { summary } from '../hostile/compare.js'
import type { Arrival, FaultyApi } from './fault-api.js'
import { countedBy, ledgerCounts } from './whole.js'

/** What is known of how an archive came about. */
export interface Past {
  api: FaultyApi
  killedRuns: readonly string[]
  concurrency: number
}

/** Where the ledger and the API's own books disagree; empty if they do not. */
export function ledgerDepartures(db: Database.Database, past: Past): string[] {
  const { api, killedRuns, concurrency } = past
  const arrived = countedBy(api.books.map(({ name }) => name))
  const billed = countedBy(api.books.filter(isBilled).map(({ name }) => name))
  const calls = ledgerCounts(db)
  const total = (counts: Map<string, number>): number =>
    [...counts.values()].reduce((sum, count) => sum + count, 0)
  const unsent = total(calls) - total(arrived)
  const inFlight = total(ledgerCounts(db, 'received_at IS NULL'))
  const most = concurrency * killedRuns.length
  return summary([
    ...fewer(calls, arrived, 'calls that arrived'),
    ...fewer(ledgerCounts(db, `billed <> 'no'`), billed, 'calls that were billed'),
    ...(unsent > most ? [`ledger: ${unsent} calls that never arrived, at most ${most}`] : []),
    ...(inFlight > most ? [`ledger: ${inFlight} calls unsettled, at most ${most}`] : []),
    ...resent(past),
  ])
}

const isBilled = ({ fate }: Arrival): boolean => fate === 'whole' || fate === 'billed'

function fewer(held: Map<string, number>, expected: Map<string, number>, what: string): string[] {
  return [...expected].flatMap(([name, count]) => {
    const rows = held.get(name) ?? 0
    return rows >= count ? [] : [`ledger: ${name}: ${count} ${what}, ${rows} rows`]
  })
}

/** Requests that were asked again though their whole answer had been sent. */
export function resent({ api, killedRuns, concurrency }: Past): string[] {
  const again = new Map<string, Set<string>>()
  const whole = new Map<string, string>()
  for (const { name, run, fate } of api.books) {
    const answering = whole.get(name)
    if (answering !== undefined) again.set(answering, (again.get(answering) ?? new Set()).add(name))
    if (fate === 'whole') whole.set(name, run)
  }
  return [...again].flatMap(([run, names]) => {
    const most = killedRuns.includes(run) ? concurrency : 0
    const told = `${[...names].slice(0, 3).join(', ')}`
    return names.size <= most
      ? []
      : [`resent: ${names.size} that run ${run} had been answered, at most ${most}: ${told}`]
  })
}
