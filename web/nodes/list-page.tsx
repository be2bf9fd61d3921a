/** Not there yet. */
export function NodesPage() {
  return null
}
