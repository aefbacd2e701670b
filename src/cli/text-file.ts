import { readFile } from 'node:fs/promises'

/** Text of a file that somebody wrote: PowerShell writes UTF-16 where nothing else is asked of it. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path)
  const text = bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')
  return text.replace(/^\ufeff/, '')
}
