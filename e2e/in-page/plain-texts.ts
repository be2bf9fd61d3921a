/** Every text of a page in the pseudo-locale that came from elsewhere than its catalogue, also those that are only heard. */
export function plainTexts(): string[] {
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
    if (!element || element.closest('script, style, noscript, .foreign, bdi, code, pre, kbd, time')) continue
    add(walker.currentNode.textContent)
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
    if (element.closest('.foreign')) continue
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) add(element.getAttribute(name))
  }
  return [...texts]
}
