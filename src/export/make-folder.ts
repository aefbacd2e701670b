import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InputError } from '../model/errors.js'

/**
 * Makes a folder, and those above it. Node's own `recursive` calls a read-only disk ENOENT, and never
 * ends where a folder such as `/proc` says ENOENT itself.
 * @returns the first one that was made; undefined if all were there
 * @throws InputError where there can be no such folder
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  if ((await stat(path).catch(() => null)) !== null) return undefined
  const above = dirname(path)
  const first = above === path ? undefined : await makeFolder(above)
  return (await makeOne(path)) ? (first ?? path) : first
}

/** False if it was there already: another process may have made it meanwhile. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (!/^(ENOENT|ENOTDIR|ELOOP|ENAMETOOLONG|EINVAL)$/.test(code)) throw error
    throw new InputError(`there can be no folder ${path}; name another one with --out (${message})`)
  }
}
