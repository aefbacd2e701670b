import type { PageReader } from './page.js'
import { Reading } from './reading.js'

/** For answers that tell no rows (uploads, starts of generations): the body alone is kept. */
export const readNothing: PageReader = () => new Reading().toPage()
