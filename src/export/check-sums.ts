import { join } from 'node:path'
import { readDigest } from './file-digest.js'
import { listFiles, readSums } from './former-export.js'
import { pathsOf } from './manifest.js'
import type { PackageCheck } from './package-check.js'
import { digestOf } from './package/dataset.js'
import { descriptionNames, sumsName } from './package/write-package.js'

/** Checks that every file is there, known and as SHA256SUMS says, and that the version is theirs. */
export async function checkSums(check: PackageCheck): Promise<void> {
  const { folder, manifest } = check
  const sums = await readSums(folder)
  const found = await listFiles(folder)
  for (const path of found)
    if (path !== sumsName && !sums.has(path)) check.find('files', `${path} is not in ${sumsName}`)
  let done = 0
  for (const [path, sha256] of sums) {
    await check.step({ check: 'sums', done: (done += 1), total: sums.size })
    if (!found.includes(path)) check.find('files', `${path} is missing`)
    else if ((await readDigest(join(folder, path))).sha256 !== sha256)
      check.find('sums', `${path} has another content than ${sumsName} says`)
  }
  for (const path of manifest.resources.flatMap(pathsOf))
    if (!sums.has(path)) check.find('files', `${path} of the package is not in ${sumsName}`)
  const described = [...sums].filter(([path]) => !descriptionNames.includes(path))
  if (digestOf(described.map(([path, sha256]) => ({ path, sha256 }))) !== manifest.afterfeed.digest)
    check.find('version', 'the version is not the digest of the data files')
}
