/** Not there yet. */
export function FindingsPage() {
  return null
}
