/** Not there yet. */
export function NodePage() {
  return null
}
