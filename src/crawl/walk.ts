import { BasicCrawler, Configuration, EventManager, Log, LogLevel } from '@crawlee/basic'
import type { FrontierRequest } from '../archive/frontier-request.js'
import type { FrontierManager } from './frontier-manager.js'

/** How the walk runs. */
export interface WalkOptions {
  manager: FrontierManager
  concurrency: number
  /** Asks one request and saves what comes; a throw ends the walk. */
  ask: (request: FrontierRequest) => Promise<void>
}

/** Seconds: nearly as long as a timer can wait, so that a clock set forward by days ends nothing. */
const never = 24 * 24 * 3600

/**
 * Walks the frontier with Crawlee's BasicCrawler until nothing is left or nothing may go. Only its
 * task loop is used: retries, pace, statistics, storage and signals are the product's own.
 */
export async function walk({ manager, concurrency, ask }: WalkOptions): Promise<void> {
  const log = new Log({ level: LogLevel.OFF })
  let bug: unknown
  const loop = new TaskLoop(
    {
      requestHandler: async ({ request }) => {
        try {
          await ask(manager.requestOf(request))
        } catch (error) {
          bug ??= error
          manager.end()
          throw error
        }
      },
      minConcurrency: concurrency,
      maxConcurrency: concurrency,
      maxRequestRetries: 0,
      requestHandlerTimeoutSecs: never,
      useSessionPool: false,
      autoscaledPoolOptions: {
        maybeRunIntervalSecs: 0.05,
        autoscaleIntervalSecs: never,
        loggingIntervalSecs: null,
        snapshotterOptions: {
          eventLoopSnapshotIntervalSecs: never,
          clientSnapshotIntervalSecs: never,
        },
      },
      statisticsOptions: {
        logIntervalSecs: never,
        persistenceOptions: { enable: false },
        saveErrorSnapshots: false,
      },
      log,
    },
    new Configuration({
      ...{ persistStorage: false, purgeOnStart: false, eventManager: new NoEvents() },
      // Nothing is measured by it; without it, each walk would start the program `ps`.
      memoryMbytes: 1024,
    }),
  )
  await loop.runTasks(manager, () => bug !== undefined)
  if (bug !== undefined) throw bug
}

/** Crawlee's events without their timers: nothing listens. */
class NoEvents extends EventManager {
  override async init(): Promise<void> {
    this.initialized = true
  }

  override async close(): Promise<void> {
    this.initialized = false
  }
}

/** The task loop of BasicCrawler, without the signal handlers and reports of its `run()`. */
class TaskLoop extends BasicCrawler {
  async runTasks(manager: FrontierManager, isBroken: () => boolean): Promise<void> {
    // Set here, since the check of the constructor's options (3.18) does not know this one.
    this.requestManager = manager
    const isFinished = this.autoscaledPoolOptions.isFinishedFunction!
    this.autoscaledPoolOptions.isFinishedFunction = async () => isBroken() || isFinished()
    await this._init()
    try {
      await this.autoscaledPool!.run()
    } finally {
      await this.teardown()
    }
  }
}
