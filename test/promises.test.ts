import { beforeAll, describe } from 'vitest'
import { buildProgram } from './cli/program.js'
import { archivePromises } from './promises/archives.js'
import { extremePromises } from './promises/extremes.js'
import { failurePromises } from './promises/failures.js'
import { killPromises, rebuildPromises } from './promises/kills.js'
import { moneyPromises } from './promises/money.js'
import { orderPromises } from './promises/orders.js'
import { pacePromises } from './promises/pace.js'
import { refusalPromises } from './promises/refusals.js'
import { secretPromises } from './promises/secrets.js'
import { signalPromises } from './promises/signals.js'

beforeAll(buildProgram)

describe('1. kill it anywhere', killPromises)
describe('2. afterfeed rebuild', rebuildPromises)
describe('3. every failure has its consequence', failurePromises)
describe('4. refusals stop the run', refusalPromises)
describe('5. money', moneyPromises)
describe('6. order', orderPromises)
describe('7. signals', signalPromises)
describe('7. archives that cannot be used', archivePromises)
describe('7. extremes', extremePromises)
describe('8. pace', pacePromises)
describe('9. secrets', secretPromises)
