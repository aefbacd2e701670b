import { copyFile, link, mkdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Snapshot } from '../archive/snapshot.js'
import { readDigest } from './file-digest.js'
import type { ExportedFile, Outgoing } from './format.js'
import { readSums } from './former-export.js'
import { isAppendOnly } from './growing.js'
import { pathsOf, readManifest, resourceOf, type Manifest } from './manifest.js'
import { partName } from './parquet-parts.js'
import { ParquetRows } from './read-parquet.js'

/** An earlier package that is to be brought up to date. */
export interface Former {
  folder: string
  manifest: Manifest
  /** Digests by path. */
  sums: ReadonlyMap<string, string>
}

/** @throws InputError if the folder holds no package */
export async function readFormer(folder: string): Promise<Former> {
  return { folder, manifest: await readManifest(folder), sums: await readSums(folder) }
}

/** What becomes of a table that only grows: the files that stay, and the rows to add to them. */
export interface Growth {
  outgoing: Outgoing
  /** New path by former path. */
  kept: { from: string; to: string; rows: number }[]
}

/** How a table grows; NULL if it is to be written anew. */
export async function readGrowth(
  { folder, manifest, sums }: Former,
  snapshot: Snapshot,
  outgoing: Outgoing,
): Promise<Growth | null> {
  const { table, columns, slices } = outgoing
  const resource = resourceOf(manifest, 'parquet', table.name)
  if (!isAppendOnly(table) || slices !== null || resource === undefined) return null
  const names = columns.map((each) => each.name).join()
  if (resource.schema?.fields.map((each) => each.name).join() !== names) return null
  const note = snapshot.noteFormer(table, columns)
  const kept = []
  for (const path of pathsOf(resource)) {
    if ((await readDigest(join(folder, path))).sha256 !== sums.get(path)) return null
    const file = await ParquetRows.open(join(folder, path))
    try {
      for await (const rows of file.readPages()) note(rows)
      kept.push({ from: path, to: path, rows: file.rows })
    } finally {
      await file.close()
    }
  }
  const rows = snapshot.countNew(table, columns)
  if (rows === null) return null
  if (rows === 0) return { outgoing, kept }
  return {
    outgoing: { ...outgoing, added: { rows: { isNew: true, rows }, firstPart: kept.length } },
    kept: kept.map((each, part) => ({ ...each, to: `data/${table.name}/${partName(part)}` })),
  }
}

/** Puts the former files of a table beside the new ones. */
export async function keepFiles(
  { folder }: Former,
  staging: string,
  { kept, outgoing }: Growth,
): Promise<ExportedFile[]> {
  const files: ExportedFile[] = []
  for (const { from, to, rows } of kept) {
    await keepFile(join(folder, from), join(staging, to))
    const digest = await readDigest(join(staging, to))
    files.push({ path: to, table: outgoing.table.name, format: 'parquet', rows, ...digest })
  }
  return files
}

/** A written file that is the same as the former one becomes that one: it stays untouched. */
export async function keepSame(
  { folder, sums }: Former,
  staging: string,
  files: readonly ExportedFile[],
): Promise<void> {
  for (const { path, sha256 } of files) {
    if (sums.has(path) && sums.get(path) !== sha256) continue
    const former = join(folder, path)
    if ((await readDigest(former).catch(() => null))?.sha256 !== sha256) continue
    await rm(join(staging, path))
    await keepFile(former, join(staging, path))
  }
}

/** One file under two names; where there can be none, a copy of the same age. */
async function keepFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  try {
    await link(from, to)
  } catch {
    const { atime, mtime } = await stat(from)
    await copyFile(from, to)
    await utimes(to, atime, mtime)
  }
}
