/** The local API: a deterministic social network behind TikHub's 17 endpoints. */
export { openSimulator } from './server.js'
export type { Simulator } from './server.js'
export type { SimulatorOptions } from './options.js'
export type { Truth, TruthComment, TruthPost } from './truth.js'
export { faultKinds } from './faults.js'
