import { beforeAll, describe } from 'vitest'
import { buildProgram } from './cli/program.js'
import { failurePromises } from './promises/failures.js'
import { moneyPromises } from './promises/money.js'
import { pacePromises } from './promises/pace.js'
import { refusalPromises } from './promises/refusals.js'
import { secretPromises } from './promises/secrets.js'

beforeAll(buildProgram, 120_000)

describe('3. every failure has its consequence', failurePromises)
describe('4. refusals stop the run', refusalPromises)
describe('5. money', moneyPromises)
describe('8. pace', pacePromises)
describe('9. secrets', secretPromises)
