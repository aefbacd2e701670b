import { Help } from 'commander'

/** As wide as help is where Commander knows no terminal; narrower ones are seldom. */
const help = new Help()
help.prepareContext({ helpWidth: 80 })

/** A paragraph below the options of a help, in lines that fit. */
export const filled = (text: string): string => help.boxWrap(text, 80)

/** Names and what they mean, as Commander lists options. */
export function listed(meanings: Readonly<Record<string, string>>): string {
  const widest = Math.max(...Object.keys(meanings).map((name) => name.length))
  return Object.entries(meanings)
    .map(([name, meaning]) => help.formatItem(name, widest, meaning, help))
    .join('\n')
}
