/** What helps after a mistake that Commander tells in its own words. */
const hints: readonly { of: RegExp; hint: string }[] = [
  {
    of: /unknown option '--(?:api-?)?(?:key|token)'/i,
    hint: '(the key comes from TIKHUB_API_KEY or the config file, never from the command line)',
  },
  {
    of: /too many arguments/,
    hint: "(a list is one word, a,b without spaces, in PowerShell 'a,b' in quotes; folders are named by options: --archive DIR, --out DIR, --dataset DIR)",
  },
  {
    of: /missing required argument 'id'/,
    hint: '(a table comes first: afterfeed trace posts s_…)',
  },
]

/**
 * Lines for a message about wrong usage; `args` are those behind the script. Options of a command that
 * stand before it are unknown there.
 */
export function usageHints(message: string, args: readonly string[]): string[] {
  const found = hints.filter(({ of }) => of.test(message)).map(({ hint }) => hint)
  const isEarly = /unknown option/.test(message) && args[0]?.startsWith('-')
  return isEarly
    ? [...found, '(options come after the command: afterfeed COMMAND --option)']
    : found
}
