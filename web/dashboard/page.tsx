/** Not there yet. */
export function DashboardPage() {
  return null
}
