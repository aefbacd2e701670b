/** Tells the time, in microseconds since 1970. */
export type Clock = () => number

/** Where a clock reads the time. */
export interface TimeSources {
  /** Milliseconds since 1970, as the machine believes. */
  wallMs: () => number
  /** Milliseconds since some instant, in even steps whatever the machine believes. */
  steadyMs: () => number
}

const machine: TimeSources = { wallMs: () => Date.now(), steadyMs: () => performance.now() }

/**
 * The machine's clock, made fit for an order of events: it never goes back and never stands still, even
 * if the machine's is set back; set forward, or after a sleep, it follows. It begins after `begin`
 * (microseconds), so that what comes later in an archive is later.
 */
export function systemClock(begin = 0, { wallMs, steadyMs }: TimeSources = machine): Clock {
  let last = begin
  let steady = steadyMs()
  return () => {
    const now = steadyMs()
    const elapsed = Math.round((now - steady) * 1000)
    steady = now
    last = Math.max(last + Math.max(1, elapsed), wallMs() * 1000)
    return last
  }
}
