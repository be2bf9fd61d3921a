/** Puts text into the clipboard; false when the browser does not let us. */
export async function copyText(text: string): Promise<boolean> {
  // Many homelabs are opened over plain HTTP, where browsers hide the clipboard; there the old way still works.
  if (!navigator.clipboard) return copyBySelection(text)
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.className = 'sr-only'
  // Inside an open dialog, else its focus trap takes the selection away at once.
  ;(before?.closest('[role="dialog"]') ?? document.body).append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}
