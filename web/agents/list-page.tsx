/** Not there yet. */
export function AgentsPage() {
  return null
}
