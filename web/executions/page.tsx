/** Not there yet. */
export function ExecutionPage() {
  return null
}
