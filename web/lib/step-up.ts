import { create } from 'zustand'

/** Calls that wait for a proof of presence. All that come while it is asked for wait for the same one. */
interface Waiting {
  readonly proof: Promise<boolean>
  readonly settle: (isProven: boolean) => void
}

export const useStepUp = create<{ readonly waiting: Waiting | null }>(() => ({ waiting: null }))

/** Asks whoever is at the screen to prove it; false when they would rather not. */
export function askProof(): Promise<boolean> {
  const { waiting } = useStepUp.getState()
  if (waiting) return waiting.proof
  const { promise: proof, resolve } = Promise.withResolvers<boolean>()
  const settle = (isProven: boolean) => {
    useStepUp.setState({ waiting: null })
    resolve(isProven)
  }
  useStepUp.setState({ waiting: { proof, settle } })
  return proof
}
