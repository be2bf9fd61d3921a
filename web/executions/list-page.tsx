/** Not there yet. */
export function ExecutionsPage() {
  return null
}
