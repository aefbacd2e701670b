import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { tables } from '../model/tables.js'
import { createdBy, datasetApplicationId } from './marks.js'
import { readFooter } from './parquet-footer.js'

/**
 * The first thing in a folder that no export wrote, as a path below it; null if everything in it
 * is a former export of ours.
 */
export async function findForeign(folder: string): Promise<string | null> {
  for (const name of (await readdir(folder)).sort()) {
    const foreign = await findForeignEntry(folder, name)
    if (foreign !== null) return foreign
  }
  return null
}

async function findForeignEntry(folder: string, name: string): Promise<string | null> {
  if (name === 'dataset.sqlite') return (await isOurSqlite(join(folder, name))) ? null : name
  if (name !== 'data' || !(await stat(join(folder, name))).isDirectory()) return name
  for (const file of (await readdir(join(folder, name))).sort())
    if (!(await isOurParquet(join(folder, name), file))) return `${name}/${file}`
  return null
}

async function isOurParquet(folder: string, name: string): Promise<boolean> {
  if (!tables.some((each) => name === `${each.name}.parquet`)) return false
  const footer = await withFile(join(folder, name), readFooter)
  return footer?.createdBy?.split(' ')[0] === createdBy.split(' ')[0]
}

/** SQLite keeps the application's id at byte 68 of the file. */
async function isOurSqlite(path: string): Promise<boolean> {
  const id = await withFile(path, async (file) => {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 68)
    return bytesRead === 4 ? buffer.readUInt32BE(0) : null
  })
  return id === datasetApplicationId
}

async function withFile<T>(
  path: string,
  read: (file: FileHandle) => Promise<T>,
): Promise<T | null> {
  const file = await open(path)
  try {
    return (await file.stat()).isFile() ? await read(file) : null
  } finally {
    await file.close()
  }
}
