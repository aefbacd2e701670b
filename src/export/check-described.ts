import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readSums } from './former-export.js'
import { pathsOf, type Resource } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { versionOf } from './package/dataset.js'
import { croissantName, descriptionNames, manifestName } from './package/write-package.js'

/** A file as a description tells it. */
interface ToldFile {
  path: string
  bytes: number
  sha256: string
}

/** Checks that what describes the package tells of just its data files, with their sizes and digests. */
export async function checkDescribed(check: PackageCheck): Promise<void> {
  const { manifest, folder } = check
  const sums = await readSums(folder)
  const described = [...sums.keys()].filter((path) => !descriptionNames.includes(path))
  const files: ToldFile[] = []
  for (const path of described) {
    const { size } = await stat(join(folder, path)).catch(() => ({ size: -1 }))
    files.push({ path, bytes: size, sha256: sums.get(path)! })
  }
  compare(check, manifestName, { told: manifest.resources.flatMap(toFiles), files })
  compare(check, croissantName, { told: await readCroissant(check), files })
  checkVersion(check)
  for (const { name, rows, bytes, parts } of manifest.resources) {
    const sum = (of: 'rows' | 'bytes') => parts?.reduce((all, each) => all + each[of], 0)
    if (parts !== undefined && (sum('rows') !== rows || sum('bytes') !== bytes))
      check.find('counts', `the parts of ${name} have other rows or bytes than it has`)
  }
}

function checkVersion(check: PackageCheck): void {
  const { id, version, afterfeed } = check.manifest
  const { digest } = afterfeed
  if (version !== versionOf(digest) || id !== `urn:sha256:${digest}`)
    check.find('version', `${manifestName} names another version than its digest`)
}

/** The files of a resource, as it tells them. */
function toFiles(resource: Resource): ToldFile[] {
  const parts = resource.parts ?? pathsOf(resource).map((path) => ({ ...resource, path }))
  return parts.map(({ path, bytes, hash = '' }) => ({
    ...{ path, bytes },
    sha256: hash.replace(/^sha256:/, ''),
  }))
}

interface Distribution {
  distribution?: { contentUrl?: string; contentSize?: string; sha256?: string }[]
}

/** The files that Croissant tells; NULL if it cannot be read, which is noted. */
async function readCroissant(check: PackageCheck): Promise<ToldFile[] | null> {
  try {
    const text = await readFile(join(check.folder, croissantName), 'utf8')
    const { distribution = [] } = JSON.parse(text) as Distribution
    return distribution.flatMap(({ contentUrl: path, contentSize = '', sha256 = '' }) =>
      path === undefined ? [] : [{ path, bytes: Number(contentSize.replace(/ B$/, '')), sha256 }],
    )
  } catch (error) {
    check.findUnreadable(croissantName, error)
    return null
  }
}

/** Notes files that are told wrongly, not at all, or are not there. */
function compare(
  check: PackageCheck,
  name: string,
  { told, files }: { told: readonly ToldFile[] | null; files: readonly ToldFile[] },
): void {
  if (told === null) return
  const byPath = new Map(told.map((each) => [each.path, each]))
  for (const { path, bytes, sha256 } of files) {
    const found = byPath.get(path)
    if (found === undefined) check.find('files', `${name} does not tell of ${path}`)
    else if (found.bytes !== bytes || found.sha256 !== sha256)
      check.find('sums', `${name} tells another size or digest of ${path}`)
    byPath.delete(path)
  }
  for (const path of byPath.keys())
    check.find('files', `${name} tells of ${path}, which is no file of the package`)
}
