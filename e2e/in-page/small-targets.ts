/**
 * Controls that are smaller than so many pixels in one direction. Links are not among them: in lists and sentences they
 * are as high as their line, and axe holds them to 24 pixels or as much room.
 */
export function smallTargets(least: number): string[] {
  const pressed = 'button, input, select, textarea, summary, [role=tab], [role=menuitem]'
  const small = new Set<string>()
  for (const element of document.querySelectorAll<HTMLElement>(pressed)) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const style = getComputedStyle(element)
    if (style.display === 'inline' || element.matches(':disabled, [aria-hidden=true], [data-seq] button'))
      continue
    // A box of a form is pressed with its label.
    const label = (element as HTMLInputElement).labels?.[0]
    const boxes = [element, ...(label ? [label] : [])].map((one) => {
      const { width, height } = one.getBoundingClientRect()
      // Some reach beyond what is drawn of them.
      const reach = (['::before', '::after'] as const)
        .map((part) => getComputedStyle(one, part))
        .filter(({ position, content }) => position === 'absolute' && content !== 'none')
      return {
        width: Math.max(width, ...reach.map((part) => Number.parseFloat(part.width) || 0)),
        height: Math.max(height, ...reach.map((part) => Number.parseFloat(part.height) || 0)),
      }
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
