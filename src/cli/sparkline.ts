const bars = '▁▂▃▄▅▆▇█'
const widest = 60

/** Values as a line of bars from their smallest to their largest; of many, evenly chosen ones. */
export function sparkline(values: readonly number[]): string {
  const step = Math.max(1, values.length / widest)
  const chosen = Array.from(
    { length: Math.min(values.length, widest) },
    (_, index) => values[Math.floor(index * step)]!,
  )
  const [least, most] = [Math.min(...chosen), Math.max(...chosen)]
  const height = (value: number): number =>
    most === least ? 0 : Math.round(((value - least) / (most - least)) * (bars.length - 1))
  return chosen.map((value) => bars[height(value)]).join('')
}
