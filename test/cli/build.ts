import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

const dayMs = 86_400_000

/** Below `node_modules`, so that the built program finds its packages. */
const cache = join(root, 'node_modules/.cache/afterfeed-builds')

/** What a build is made of: the same sources have the same name. */
function sourcesName(): string {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => join('src', path))
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json']
  const hash = createHash('sha256')
  for (const path of [...sources, ...settings])
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}

const name = sourcesName()

/** The built program: `index.js` is the library, `cli/main.js` the command. */
export const buildFolder = join(cache, name)

/**
 * Builds the program once for the same sources: every file of tests and every run of them shares
 * it. Types are left to `npm run check`.
 */
export function buildProgram(): void {
  mkdirSync(cache, { recursive: true })
  if (!existsSync(buildFolder)) compile()
  linkConfig()
  const now = new Date()
  utimesSync(buildFolder, now, now)
}

/** Compiles beside, then takes the place in one step: who comes at the same time has it whole. */
function compile(): void {
  removeUnused()
  const draft = mkdtempSync(join(cache, 'draft-'))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const only = ['--noCheck', '--declaration', 'false', '--sourceMap', 'false']
  const args = [compiler, '-p', 'tsconfig.build.json', '--outDir', draft, ...only]
  // On Node 22 and newer the compiler would leave its own compiled code in the temporary folder.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
  execFileSync(process.execPath, args, { cwd: root, env, stdio: 'pipe' })
  writeFileSync(join(draft, 'package.json'), '{ "type": "module" }\n')
  // A test runs it as another user.
  chmodSync(draft, 0o755)
  if (sourcesName() !== name) throw new Error('the sources were changed while they were built')
  try {
    renameSync(draft, buildFolder)
  } catch (error) {
    if (!existsSync(buildFolder)) throw error
    rmSync(draft, { recursive: true })
  }
}

/** The program finds its dump for the demo two folders above itself, as in the package. */
function linkConfig(): void {
  const link = join(cache, 'config')
  try {
    symlinkSync(join(root, 'config'), link)
  } catch (error) {
    if (!existsSync(link)) throw error
  }
}

/** Builds of sources that no run has used for a day. */
function removeUnused(): void {
  for (const entry of readdirSync(cache)) {
    const folder = join(cache, entry)
    const usedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Infinity
    if (usedAt < Date.now() - dayMs) rmSync(folder, { recursive: true, force: true })
  }
}
