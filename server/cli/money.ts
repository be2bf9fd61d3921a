import type { CostEstimate } from '../../contract/costs.ts'
import { nanoPerUsd, type NanoUsd } from '../../contract/money.ts'

/** An amount as people read it: cents for a dollar and more, two digits that count below. `$0.0024`, never `$0.00` for something. */
export function toMoneyText(nanoUsd: NanoUsd): string {
  const usd = nanoUsd / nanoPerUsd
  const digits = nanoUsd === 0 || usd >= 1 ? 2 : Math.max(2, 1 - Math.floor(Math.log10(usd)))
  return `$${usd.toFixed(digits)}`
}

/** What a run on some nodes will cost, in a sentence. */
export function toEstimateText(estimate: CostEstimate, nodes: number): string {
  const { isAiOn, billing, model, likelyNanoUsd, mostNanoUsd, isPriceKnown } = estimate
  if (!isAiOn) return 'AI is off: no model is asked, and nothing is spent.'
  if (billing === 'plan') return `${model} is paid by your plan: nothing on top.`
  if (billing === 'own') return `${model} is your own: nothing is spent.`
  const amounts = `about ${toMoneyText(nodes * likelyNanoUsd)}, at most ${toMoneyText(nodes * mostNanoUsd)}, nothing if quiet`
  const guess = isPriceKnown
    ? ''
    : ' The price of this model is not known, so the dearest known one is taken.'
  return `${model} on ${nodes} ${nodes === 1 ? 'node' : 'nodes'}: ${amounts}.${guess}`
}
