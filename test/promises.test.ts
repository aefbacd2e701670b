import { describe } from 'vitest'
import { failurePromises } from './promises/failures.js'

describe('3. every failure has its consequence', failurePromises)
