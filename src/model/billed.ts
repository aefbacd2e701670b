/** Whether a call costs: answered ones do, refused ones do not, lost ones may. */
export const billings = ['yes', 'no', 'unknown'] as const

/** Whether a call costs. */
export type Billed = (typeof billings)[number]
