import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDigest } from './file-digest.js'
import { listFiles, readSums, unfinished } from './former-export.js'
import type { PackageCheck } from './package-check.js'
import { digestOf, sumLines } from './package/dataset.js'
import { descriptionNames, sumsName } from './package/write-package.js'

/** Checks that every file is there, known and as SHA256SUMS says, and that the version is theirs. */
export async function checkSums(check: PackageCheck): Promise<void> {
  const { folder, manifest } = check
  const sums = await readSums(folder)
  const found = await listFiles(folder)
  const isLeft = (path: string): boolean => path.startsWith(`${unfinished}/`)
  if (found.some(isLeft))
    check.find(
      'files',
      `${unfinished} is of an export that is under way or was killed; the next one removes it`,
    )
  for (const path of found.filter((each) => each !== sumsName && !isLeft(each)))
    if (!sums.has(path)) check.find('files', `${path} is not in ${sumsName}`)
  await checkLines(check, sums)
  let done = 0
  for (const [path, sha256] of sums) {
    await check.step({ check: 'sums', done: (done += 1), total: sums.size })
    if (found.includes(path)) await checkSum(check, path, sha256)
    else check.find('files', `${path} is missing`)
  }
  const described = [...sums].filter(([path]) => !descriptionNames.includes(path))
  if (digestOf(described.map(([path, sha256]) => ({ path, sha256 }))) !== manifest.afterfeed.digest)
    check.find('version', 'the version is not the digest of the data files')
}

/** Also a line that tells of no file, or of one twice, was not there. */
async function checkLines(check: PackageCheck, sums: ReadonlyMap<string, string>): Promise<void> {
  const text = await readFile(join(check.folder, sumsName), 'utf8').catch(() => null)
  const lines = sumLines([...sums].map(([path, sha256]) => ({ path, sha256 })))
  if (text === null) check.find('files', `${sumsName} is missing`)
  else if (text !== lines.join('')) check.find('sums', `${sumsName} is not as export writes it`)
}

async function checkSum(check: PackageCheck, path: string, sha256: string): Promise<void> {
  try {
    const found = await readDigest(join(check.folder, path))
    if (found.sha256 !== sha256)
      check.find('sums', `${path} has another content than ${sumsName} says`)
  } catch (error) {
    check.findUnreadable(path, error)
  }
}
