/** What can be pressed, is smaller than so many pixels in one direction, and is no link within a sentence. */
export function smallTargets(least: number): string[] {
  const pressed =
    'a[href], button, input, select, textarea, summary, [role=button], [role=tab], [role=menuitem]'
  const small = new Set<string>()
  for (const element of document.querySelectorAll<HTMLElement>(pressed)) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const style = getComputedStyle(element)
    if (style.display === 'inline' || element.matches(':disabled, [aria-hidden=true]')) continue
    // A box of a form is pressed with its label, and a row that is a link by its whole width.
    const label = (element as HTMLInputElement).labels?.[0]
    const boxes = [element, ...(label ? [label] : [])].map((one) => {
      const { width, height } = one.getBoundingClientRect()
      const before = getComputedStyle(one, '::after')
      const grown = before.position === 'absolute' && before.content !== 'none'
      return grown
        ? {
            width: Math.max(width, Number.parseFloat(before.width) || 0),
            height: Math.max(height, Number.parseFloat(before.height) || 0),
          }
        : { width, height }
    })
    if (boxes.some(({ width, height }) => width <= 1 || height <= 1)) continue
    if (boxes.some(({ width, height }) => width >= least - 0.5 && height >= least - 0.5)) continue
    const [{ width, height }] = boxes as [{ width: number; height: number }]
    const said = element.getAttribute('aria-label') ?? element.textContent ?? ''
    small.add(
      `${Math.round(width)}×${Math.round(height)}: <${element.localName} class="${element.getAttribute('class') ?? ''}"> “${said.trim().slice(0, 40)}”`,
    )
  }
  return [...small]
}
