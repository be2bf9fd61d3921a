/** The steps of the set-up, in their order. */
export const steps = ['claim', 'node', 'connection', 'run'] as const
export type Step = (typeof steps)[number]

/** What is there already; the server knows it, so that the set-up can be left and taken up at any time. */
export interface Standing {
  readonly isClaimed: boolean
  /** The first node has been added. */
  readonly hasNode: boolean
  /** It was reached once. */
  readonly isReached: boolean
  /** Something ran on it to its end. */
  readonly hasRun: boolean
}

export const isDone = (step: Step, { isClaimed, hasNode, isReached, hasRun }: Standing): boolean =>
  ({ claim: isClaimed, node: hasNode, connection: isReached, run: hasRun })[step]

/** Whether a step can be entered: each needs what the one before it made. */
export function isOpen(step: Step, standing: Standing): boolean {
  if (step === 'claim') return !standing.isClaimed
  if (!standing.isClaimed) return false
  return step === 'node' || standing.hasNode
}

/** The step to show: the wanted one where it can be entered, else the first that is not done. Null when all is done. */
export function stepToShow(wanted: string | undefined, standing: Standing): Step | null {
  const step = steps.find((one) => one === wanted)
  if (step && isOpen(step, standing)) return step
  return steps.find((one) => !isDone(one, standing)) ?? null
}
