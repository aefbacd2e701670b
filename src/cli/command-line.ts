/** The command under way as a shell would take it, to be run again; `args` are those behind the script. */
export const commandLine = (args: readonly string[]): string =>
  ['afterfeed', ...args].map(quoted).join(' ')

/** As it is where no shell, PowerShell either, reads anything into it, else in single quotes. */
const quoted = (word: string): string =>
  /^[\w%+=:./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
