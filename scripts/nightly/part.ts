/** What the parts of a night are told. */
export interface Night {
  readonly crons: number
  readonly seed: number
  readonly zones: readonly string[]
  say(line: string): void
}

/** How a part went: how much of it failed, and what could not be done here, with the reason. */
export interface Told {
  readonly failed: number
  readonly notDone: readonly string[]
}

export type Part = (night: Night) => Promise<Told>
