import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take minutes: what takes longest begins first, so that no worker ends alone. */
const longest = ['test/promises.test.ts', 'test/faults/schedules.test.ts']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      longest.some((end) => moduleId.endsWith(end))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/tidy.ts'],
    // A machine that does much else is slow: what hangs is ended, what takes its time is not.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Our modules are loaded anew for each file of tests, the packages once for each worker.
    isolate: false,
    // Tests wait for programs, clocks and sockets: a machine of two cores keeps two workers busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
  },
})
