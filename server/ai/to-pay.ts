import type { Ledger as WholeLedger } from '../costs/ledger.ts'

export type { CallToPay, Reservation } from '../costs/ledger.ts'
export type { TokenUse } from '../../contract/costs.ts'

/** What asking needs of the ledger. */
export type Ledger = Pick<WholeLedger, 'reserve' | 'settle' | 'release' | 'hold' | 'costOf'>
