/**
 * What `endOfRun` follows: a piece over and over. Of the ways to read a text as such pieces there may be
 * one only, for none is tried again.
 */
export const runOf = (piece: string, flags = ''): RegExp =>
  new RegExp(`(?:${piece}){1,${atATime}}`, `${flags}y`)

/** For each piece a regular expression keeps a place on its stack, and ten millions overflow that. */
const atATime = 10_000

/** Where the run that begins at a place ends; at that place, if none does. It may have any length. */
export function endOfRun(text: string, from: number, run: RegExp): number {
  let end = from
  for (;;) {
    run.lastIndex = end
    if (!run.test(text)) return end
    end = run.lastIndex
  }
}

/** What stands between the quotes of a text in JSON. */
export const insideText = runOf(String.raw`[^"\\]+|\\[^]`)

/** A text with something else for each match of `begin`, which is global, and the run behind it. */
export function replaceRuns(
  text: string,
  { begin, run }: { begin: RegExp; run: RegExp },
  replace: (begun: string, run: string) => string,
): string {
  const parts: string[] = []
  let kept = 0
  begin.lastIndex = 0
  for (let found = begin.exec(text); found !== null; found = begin.exec(text)) {
    const from = begin.lastIndex
    const end = endOfRun(text, from, run)
    parts.push(text.slice(kept, found.index), replace(found[0], text.slice(from, end)))
    kept = begin.lastIndex = end
  }
  return kept === 0 ? text : parts.join('') + text.slice(kept)
}
