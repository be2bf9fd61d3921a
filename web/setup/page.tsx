/** Not there yet. */
export function SetupPage() {
  return null
}
