import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Whether a program runs a script to its end. */
export const runs = (program: string, flag: string, code: string): boolean => {
  try {
    execFileSync(program, [flag, code], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The first Python that has these modules. */
export const pythonWith = (modules: readonly string[]): string | undefined =>
  ['python3', '/usr/bin/python3'].find((each) => runs(each, '-c', `import ${modules.join()}`))

/** What a script of the folder `readers` prints as JSON in its last line; libraries may chat before. */
export function printedBy(python: string, script: string, ...args: string[]): unknown {
  const path = fileURLToPath(new URL(`readers/${script}`, import.meta.url))
  const options = { encoding: 'utf8', stdio: 'pipe' } as const
  const printed = execFileSync(python, [path, ...args], options)
  return JSON.parse(printed.trim().split('\n').at(-1)!)
}
