/**
 * Characters that do something instead of showing something: control characters, line and paragraph separators,
 * and the invisible marks that reorder, join or hide text.
 */
const acting = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Makes text from a node safe to show: what would act on a terminal or hide text becomes a visible mark. */
export function toPrintable(text: string): string {
  return text.toWellFormed().replace(acting, '\ufffd')
}

/** The same on one line, and no longer than `max` characters. */
export function toOneLine(text: string, max = 400): string {
  // Cut first: nobody should wait for the cleaning of megabytes that are not shown.
  const line = toPrintable(
    text
      .slice(0, max * 4)
      .replace(/\s+/g, ' ')
      .trim(),
  )
  const shown = [...line]
  return shown.length <= max ? line : `${shown.slice(0, max - 1).join('')}…`
}
