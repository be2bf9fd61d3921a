/**
 * Takes the token out of the fragment of the address, which browsers never send, and removes it from the address bar and
 * the history. Empty when there is none.
 */
export function takeToken(): string {
  const token = decodeURIComponent(location.hash.slice(1).replace(/^token=/, ''))
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
