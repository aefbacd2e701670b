import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDigest } from '../file-digest.js'
import type { ExportedFile } from '../format.js'
import { toCard } from './card.js'
import { toCitation } from './citation.js'
import { toCroissant } from './croissant.js'
import { toDataPackage } from './data-package.js'
import { sumLines, type Dataset } from './dataset.js'
import { toDictionary } from './dictionary.js'
import { toLicenseFile } from './licenses.js'
import { toMethods } from './methods.js'

/** The name of the file with the digests of all others. */
export const sumsName = 'SHA256SUMS'

/** The name of the file that describes the package for programs. */
export const manifestName = 'datapackage.json'

/** The name of the dataset card. */
export const cardName = 'README.md'

/** The name of the file that describes the package by Croissant. */
export const croissantName = 'croissant.json'

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Every file that describes a dataset, by name. */
const descriptions: Readonly<Record<string, (dataset: Dataset) => string | null>> = {
  'CITATION.cff': toCitation,
  LICENSE: ({ license }) => (license === null ? null : toLicenseFile(license)),
  [cardName]: toCard,
  [croissantName]: (dataset) => toJson(toCroissant(dataset)),
  'data-dictionary.md': toDictionary,
  [manifestName]: (dataset) => toJson(toDataPackage(dataset)),
  'methods.md': toMethods,
}

/** The names of all files that may describe a dataset. */
export const descriptionNames: readonly string[] = [...Object.keys(descriptions), sumsName]

/** Writes the descriptions of a dataset beside its data, and at last the sums of all files. */
export async function writePackage(folder: string, dataset: Dataset): Promise<ExportedFile[]> {
  const files: ExportedFile[] = []
  const write = async (path: string, text: string): Promise<void> => {
    await writeFile(join(folder, path), text, { flag: 'wx' })
    const digest = await readDigest(join(folder, path))
    files.push({ path, table: null, format: null, rows: null, ...digest })
  }
  for (const [path, toText] of Object.entries(descriptions)) {
    const text = toText(dataset)
    if (text !== null) await write(path, text)
  }
  await write(sumsName, sumLines([...dataset.files, ...files]).join(''))
  return files
}
