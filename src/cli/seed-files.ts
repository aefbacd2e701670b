import { gapsSeed } from '../crawl/seeds.js'
import { InputError } from '../model/errors.js'
import { readTextFile } from './text-file.js'

/**
 * The seeds as given, with those of each `@file` in its place: one a line, blank lines and those that
 * begin with `#` aside.
 * @throws InputError if a file cannot be read or holds none
 */
export async function expandSeeds(seeds: readonly string[]): Promise<string[]> {
  const lists: string[][] = []
  for (const seed of seeds) {
    const isFile = seed.startsWith('@') && seed !== gapsSeed
    lists.push(isFile ? await readSeeds(seed) : [seed])
  }
  return lists.flat()
}

async function readSeeds(seed: string): Promise<string[]> {
  const path = seed.slice(1)
  let text: string
  try {
    text = await readTextFile(path)
  } catch (error) {
    throw new InputError(
      `${seed} cannot be read (@ names a file of seeds): ${(error as Error).message}`,
    )
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const seeds = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (seeds.length === 0) throw new InputError(`${seed} holds no seed`)
  return seeds
}
