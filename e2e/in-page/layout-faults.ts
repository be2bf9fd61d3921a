/** What scrolls sideways, what is cut without a way to read it, and what lies over something else. */
export function layoutFaults(): string[] {
  const faults = new Set<string>()
  const wide = document.documentElement.clientWidth
  const nameOf = (element: Element) => {
    const said = element.getAttribute('aria-label') ?? element.textContent ?? ''
    return `<${element.localName} class="${element.getAttribute('class') ?? ''}"> “${said.trim().slice(0, 60)}”`
  }
  const ancestors = function* (element: Element) {
    for (let one = element.parentElement; one; one = one.parentElement) yield one
  }
  const cuts = (style: CSSStyleDeclaration) => /hidden|clip|auto|scroll/.test(style.overflowX)
  /** Text for screen readers alone is one pixel wide on purpose. */
  const isForEars = (element: Element) => {
    const { width, height } = element.getBoundingClientRect()
    return width <= 1 || height <= 1
  }
  const isShown = (element: Element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true })

  if (document.documentElement.scrollWidth > wide + 1)
    faults.add(`the page scrolls sideways: ${document.documentElement.scrollWidth} of ${wide} px`)

  interface Text {
    readonly element: Element
    readonly box: DOMRect
  }
  const texts: Text[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    const element = node.parentElement
    if (!element || !node.textContent?.trim() || !isShown(element)) continue
    if (element.closest('svg, script, style, noscript, [aria-hidden=true], .sr-only')) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const above = [element, ...ancestors(element)]
    if (above.some(isForEars)) continue
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue
      // Lines that are folded away; there is a way to read on.
      const isFolded = above.some((one) => {
        const its = one.getBoundingClientRect()
        return (
          /hidden|clip|auto|scroll/.test(getComputedStyle(one).overflowY) &&
          (box.top > its.bottom - 2 || box.bottom < its.top + 2)
        )
      })
      if (isFolded) continue
      const cutter = above.find((one) => {
        const its = one.getBoundingClientRect()
        return cuts(getComputedStyle(one)) && (box.right > its.right + 2 || box.left < its.left - 2)
      })
      if (!cutter) {
        if (box.right > wide + 2 || box.left < -2) faults.add(`reaches out of the page: ${nameOf(element)}`)
        texts.push({ element, box })
        continue
      }
      const style = getComputedStyle(cutter)
      if (/auto|scroll/.test(style.overflowX)) continue
      // Cut with three dots is fine where the whole can be had: in a title, or for what a node said.
      const isTold = above.some(
        (one) => one.hasAttribute('title') || one.matches('.foreign, code, pre, bdi, nav [aria-current]'),
      )
      const isDotted = above.some((one) => getComputedStyle(one).textOverflow === 'ellipsis')
      if (!(isTold && isDotted)) faults.add(`cut${isDotted ? ' by dots' : ''}: ${nameOf(element)}`)
    }
  }
  const isFloating = (element: Element) =>
    [element, ...ancestors(element)].some((one) => /fixed|sticky/.test(getComputedStyle(one).position))
  const lying = texts.filter(({ element }) => !isFloating(element)).toSorted((a, b) => a.box.top - b.box.top)
  for (const [index, one] of lying.entries()) {
    for (const other of lying.slice(index + 1)) {
      if (other.box.top > one.box.bottom - 4) break
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left)
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top)
      if (across > 3 && down > 4) faults.add(`${nameOf(one.element)} lies over ${nameOf(other.element)}`)
    }
  }
  return [...faults]
}
