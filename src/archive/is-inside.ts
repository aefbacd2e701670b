import path from 'node:path'

/**
 * True if a path is that of a folder, or leads into it, by their names alone. What the system takes for one
 * name is one: on Windows `\` and `/`, capital and small letters.
 */
export function isInside(place: string, folder: string, system = path): boolean {
  const way = system.relative(folder, place)
  return !system.isAbsolute(way) && way.split(system.sep)[0] !== '..'
}
