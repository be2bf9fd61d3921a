/** Levels that facts may nest; a real agent needs six. */
const depthMax = 32

/** The same JSON with whatever lies deeper than 32 levels replaced by a mark: nothing that walks it overflows. */
export function toShallow<Value>(value: Value): Value {
  return isDeeper(value, depthMax) ? (pruned(value, depthMax) as Value) : value
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const inner of Array.isArray(value) ? value : Object.values(value))
    if (isDeeper(inner, levels - 1)) return true
  return false
}

function pruned(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return '… (nested too deep)'
  if (Array.isArray(value)) return value.map((inner) => pruned(inner, levels - 1))
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, pruned(inner, levels - 1)]))
}
