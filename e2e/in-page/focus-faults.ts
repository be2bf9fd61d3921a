/** Why it cannot be seen where the focus is. Empty when it can. */
export function focusFaults(): string[] {
  const focused = document.activeElement
  // Between the last stop and the first lies the window itself.
  if (!focused || focused === document.body) return []
  const name = `<${focused.localName} class="${focused.getAttribute('class') ?? ''}"> “${focused.textContent?.trim().slice(0, 40)}”`
  const faults: string[] = []
  const label = (focused as HTMLInputElement).labels?.[0]
  const near = [focused, ...(label ? [label] : [])]
  for (
    let above = focused.parentElement, steps = 0;
    above && steps < 3;
    above = above.parentElement, steps += 1
  )
    near.push(above)
  const isOutlined = near.some((one) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
  })
  if (!isOutlined) faults.push(`the focus does not show on ${name}`)

  const shown = near.find((one) => one.getBoundingClientRect().width > 2) ?? focused
  const { left, right, top, bottom } = shown.getBoundingClientRect()
  const inside = (from: number, to: number) =>
    [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => from + (to - from) * part)
  const isAnyPartSeen = inside(left, right).some((x) =>
    inside(top, bottom).some((y) => {
      const hit = document.elementFromPoint(x, y)
      return hit && (near.includes(hit) || focused.contains(hit) || shown.contains(hit))
    }),
  )
  if (!isAnyPartSeen) faults.push(`something covers ${name}`)
  return faults
}

export const hasFocus = (element: unknown): boolean => element === document.activeElement
