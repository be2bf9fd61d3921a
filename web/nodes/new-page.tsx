/** Not there yet. */
export function NewNodePage() {
  return null
}
