import type { ExplanationState } from '../../../../contract/explanations.ts'
import { formatMoney } from '../../../lib/format.ts'
import { useMessages } from '../../../lib/messages.ts'

/** Whose words, and what they cost. */
export function Origin({ answered }: { readonly answered: Pick<ExplanationState, 'model' | 'costNanoUsd'> }) {
  const t = useMessages('explanation')
  const { model, costNanoUsd } = answered
  return (
    <span>
      {model !== null && t.by(model)}
      {costNanoUsd !== null && `, ${costNanoUsd === 0 ? t.free : t.cost(formatMoney(costNanoUsd))}`}
    </span>
  )
}
