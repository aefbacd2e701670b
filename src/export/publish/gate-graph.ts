const key = /<key id="([^"]*)"[^>]* attr\.type="([^"]*)"/
const cell = /<data key="([^"]*)"[^>]*>([^<]*)</g

/** What stands in words in a type other than `string`: no name, whoever is called so. */
const isPlain = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false|-?INF)$/

/** Reads the texts of a GraphML file, line by line: what its elements `data` hold, but for numbers declared as such. */
export function graphTexts(): (line: string) => string[] {
  const types = new Map<string, string>()
  return (line) => {
    const [, id, type] = key.exec(line) ?? []
    if (id !== undefined && type !== undefined) types.set(id, type)
    return [...line.matchAll(cell)].flatMap(([, of, written]) => {
      const text = fromXml(written!)
      const isText = (types.get(of!) ?? 'string') === 'string'
      return isText || !isPlain.test(text) ? [text] : []
    })
  }
}

const fromXml = (text: string): string =>
  text
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/gi, (_all, hex: string, digits: string) =>
      String.fromCodePoint(hex ? parseInt(hex, 16) : Number(digits)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
