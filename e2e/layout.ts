import type { Page } from '@playwright/test'

/**
 * What a page does with its room, found in the browser: what scrolls sideways, what is cut without a way to read it, and
 * what lies over something else. Each fault is a line that names the element.
 */
export const findLayoutFaults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
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
    const lying = texts
      .filter(({ element }) => !isFloating(element))
      .toSorted((a, b) => a.box.top - b.box.top)
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
  })

/**
 * What is smaller than a finger needs, on a page as it stands: what can be pressed and is under so many pixels in one
 * direction, and is no link within a sentence.
 */
export const findSmallTargets = (page: Page, px: number): Promise<string[]> =>
  page.evaluate((least) => {
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
  }, px)

/** Dates and times, for which the pseudo-locale has the words of English. */
const ofIntl =
  /^(?:\W|\d|am|pm|GMT|h|min|kB|[MGT]B|(?:Sun|Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?)(?:day)?|Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|yesterday|today|tomorrow|now|in|ago|last|next|seconds?|minutes?|hours?|days?|weeks?|months?|years?)*$/i
/** Names that are the same in every language: zones of time, ids, targets, programs and protocols. */
const ofTheWorld =
  /^(?:[A-Z]\w+\/[\w/+-]+|UTC|tag:.*|\w{3}_\w{26}|[a-z-]+\.[a-z-]+|claude-[\w-]+|Claude Agent Runner Lite)$/

/** Words on a page in the pseudo-locale that went past its catalogue; what the server said is none of them. */
export async function findPlainEnglish(page: Page, replies: string): Promise<string[]> {
  const found = await page.evaluate(() => {
    const texts = new Set<string>()
    const add = (text: string | null | undefined) => {
      // What stands in brackets came from the catalogue.
      for (const part of (text ?? '').replaceAll(/⟦[^⟧]*⟧/g, '\n').split('\n')) {
        if (/[A-Za-z]{3}/.test(part)) texts.add(part.trim())
      }
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement
      if (!element || element.closest('script, style, noscript, .foreign, bdi, code, pre, kbd, time'))
        continue
      add(walker.currentNode.textContent)
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
      if (element.closest('.foreign')) continue
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) add(element.getAttribute(name))
    }
    return [...texts]
  })
  return found.filter((text) =>
    text
      .split(/ · |, |: |^: /)
      .some((part) => !replies.includes(part) && !ofIntl.test(part) && !ofTheWorld.test(part)),
  )
}
