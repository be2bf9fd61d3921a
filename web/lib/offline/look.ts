import { basePath } from '../base.ts'
import { usePreferences } from '../preferences.ts'

/** Gives the window of an installed dashboard the colours of the theme, and the system its words in the language. */
export function dressWindow(): void {
  const metas = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')]
  const bySystem = metas.map(({ content }) => content)
  const manifest = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')
  const dress = () => {
    const { theme, locale } = usePreferences.getState()
    // Light stands first in the page, dark second.
    for (const [at, meta] of metas.entries()) {
      meta.content = bySystem[theme === 'light' ? 0 : theme === 'dark' ? 1 : at] ?? meta.content
    }
    const file = locale === 'de' ? 'manifest.de.webmanifest' : 'manifest.webmanifest'
    if (manifest && manifest.getAttribute('href') !== `${basePath}/${file}`)
      manifest.href = `${basePath}/${file}`
  }
  usePreferences.subscribe(dress)
  dress()
}
