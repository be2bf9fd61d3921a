import type { World } from './world.ts'

/** How a fault went: what was lost, or why it cannot be done on this machine, and what is worth telling. */
export type Verdict =
  | { readonly kind: 'held'; readonly told?: string }
  | { readonly kind: 'lost'; readonly what: readonly string[]; readonly told?: string }
  | { readonly kind: 'not-done'; readonly why: string }

export interface Fault {
  readonly name: string
  /** What the product promises, and how it is broken here. */
  readonly promise: string
  readonly how: string
  readonly run: (world: World, options: FaultOptions) => Promise<Verdict>
}

export interface FaultOptions {
  /** How often what is random is done. */
  readonly rounds: number
  say(line: string): void
}

export const verdictOf = (what: readonly string[], told?: string): Verdict => ({
  ...(what.length > 0 ? { kind: 'lost', what } : { kind: 'held' }),
  ...(told && { told }),
})

export const notDone = (why: string): Verdict => ({ kind: 'not-done', why })
