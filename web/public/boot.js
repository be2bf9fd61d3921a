// Runs before the first paint, so that nobody sees the wrong theme flash by. Plain JavaScript: it is not built.
;(() => {
  const root = document.documentElement
  let kept = {}
  try {
    kept = JSON.parse(localStorage.getItem('carl.preferences') ?? '{}').state ?? {}
  } catch {
    // Storage is switched off, or holds something else.
  }
  const isDark = matchMedia('(prefers-color-scheme: dark)')
  const theme = kept.theme ?? 'system'
  root.dataset.theme = theme === 'system' ? (isDark.matches ? 'dark' : 'light') : theme
  root.dataset.density = kept.density ?? 'comfortable'
  root.lang = kept.locale ?? (navigator.language.startsWith('de') ? 'de' : 'en')
  if (root.lang === 'ar-XB') root.dir = 'rtl'
  // Schemas try whether code may be made from text; the policy of the page says no, and the console tells of it.
  globalThis.__zod_globalConfig = { jitless: true }
  // Where files that belong to the build lie: below the base path, which is known only when the page is served.
  const base = root.dataset.base ?? ''
  globalThis.carlAsset = (file) => `${base}/${file}`
  // Offered once, and early: kept for the settings.
  addEventListener('beforeinstallprompt', (offer) => {
    offer.preventDefault()
    globalThis.carlInstall = offer
  })
  // What the page asks for first, while its code is on its way: lib/ahead.ts takes the answers.
  if (root.dataset.signedIn) {
    const calls = JSON.parse(root.dataset.ahead ?? '{}')
    const page = location.search === '' ? location.pathname.slice(base.length) : ''
    globalThis.carlAhead = new Map(
      [...(calls['*'] ?? []), ...(calls[page] ?? [])].map((path) => {
        const address = `${base}${path}`
        const answer = fetch(address, { headers: { accept: 'application/json' }, credentials: 'same-origin' })
        // Whoever takes it hears of a failure.
        answer.catch(() => {})
        return [address, answer]
      }),
    )
  }
})()
