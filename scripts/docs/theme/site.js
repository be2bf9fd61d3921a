// What a page of the documentation does by itself: theme, menu, search, copying. All of it can be missing.
const root = document.documentElement
const dark = matchMedia('(prefers-color-scheme: dark)')

const kept = () => {
  try {
    return localStorage.getItem('carl-docs-theme')
  } catch {
    return null
  }
}
const show = () => {
  root.dataset.theme = kept() ?? (dark.matches ? 'dark' : 'light')
}
show()
dark.addEventListener('change', show)

addEventListener('DOMContentLoaded', () => {
  const element = (selector) => document.querySelector(selector)
  const found = element('#found')
  const input = element('.search input')
  const menu = element('#menu')

  element('#theme').addEventListener('click', () => {
    try {
      localStorage.setItem('carl-docs-theme', root.dataset.theme === 'dark' ? 'light' : 'dark')
    } catch {
      // Without a place to keep it, it holds for this page.
    }
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark'
  })
  menu.addEventListener('click', () => {
    const isOpen = root.toggleAttribute('data-menu')
    menu.setAttribute('aria-expanded', String(isOpen))
  })
  element('#navigation [aria-current]')?.scrollIntoView({ block: 'nearest' })

  for (const block of document.querySelectorAll('main pre')) addCopying(block)
  for (const heading of document.querySelectorAll('main :is(h2, h3)[id]')) addAnchor(heading)

  let index = null
  const load = () => {
    index ??= new Promise((done, failed) => {
      const script = document.createElement('script')
      script.src = `${root.dataset.root}assets/search.js`
      script.onload = () => done(globalThis.carlSearch)
      script.onerror = failed
      document.head.append(script)
    })
    return index
  }
  input.addEventListener('focus', load, { once: true })
  input.addEventListener('input', async () => {
    const words = wordsOf(input.value)
    const entries = await load()
    if (words.length === 0) found.hidden = true
    else draw(best(entries, words))
  })
  element('.search').addEventListener('submit', (event) => {
    event.preventDefault()
    found.querySelector('a')?.click()
  })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') found.hidden = true
    else if (event.key === '/' && event.target === document.body) {
      event.preventDefault()
      input.focus()
    } else if (['ArrowDown', 'ArrowUp'].includes(event.key) && !found.hidden) {
      const links = [...found.querySelectorAll('a')]
      const at = links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)
      event.preventDefault()
      const next = links[at] ?? input
      next.focus()
    }
  })
  addEventListener('click', (event) => {
    if (!found.contains(event.target) && event.target !== input) found.hidden = true
  })

  function draw(hits) {
    found.replaceChildren(...(hits.length > 0 ? hits.map(toLink) : [nothing()]))
    found.hidden = false
  }
})

const wordsOf = (text) =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}._-]+/u)
    .filter(Boolean)

/** Every word must be there; in a heading it counts more than in the text, at the start of a word more than inside. */
function best(entries, words) {
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ entry }) => entry)
}

function scoreOf([page, heading, , text], words) {
  let score = 0
  for (const word of words) {
    const places = [
      [heading.toLowerCase(), 8],
      [page.toLowerCase(), 5],
      [text.toLowerCase(), 1],
    ]
    const part = places.reduce((sum, [place, weight]) => {
      const at = place.indexOf(word)
      if (at < 0) return sum
      return sum + weight * (at === 0 || /[^\p{L}\p{N}]/u.test(place[at - 1]) ? 2 : 1)
    }, 0)
    if (part === 0) return 0
    score += part
  }
  return score
}

function toLink([page, heading, address, text]) {
  const link = document.createElement('a')
  link.href = root.dataset.root + address
  link.append(heading === page ? page : `${page}: ${heading}`)
  const small = document.createElement('small')
  small.append(text.slice(0, 120))
  link.append(small)
  return link
}

function nothing() {
  const line = document.createElement('p')
  line.append('Nothing has these words.')
  return line
}

function addCopying(block) {
  if (!navigator.clipboard) return
  const frame = document.createElement('div')
  const button = document.createElement('button')
  frame.className = 'block'
  button.className = 'copy'
  button.type = 'button'
  button.append('Copy')
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(block.innerText).then(() => {
      button.textContent = 'Copied'
      setTimeout(() => (button.textContent = 'Copy'), 1500)
    })
  })
  block.tabIndex = 0
  block.replaceWith(frame)
  frame.append(block, button)
}

function addAnchor(heading) {
  const link = document.createElement('a')
  link.className = 'to'
  link.href = `#${heading.id}`
  link.setAttribute('aria-label', `Link to ${heading.textContent}`)
  link.append('#')
  heading.append(link)
}
