/** Not there yet. */
export function AgentPage() {
  return null
}
