/** Below which path the identity provider leads back to, with its answer behind. */
const callback = /\/sign-in\/callback\/?$/

// As it came: the router reads numbers and words into a query and writes them back in another spelling.
let answer = callback.test(location.pathname) ? location.search.slice(1) : ''

/** What the identity provider sent along, once; gone from the address bar and the history from then on. */
export function takeProviderAnswer(): string {
  const taken = answer
  answer = ''
  if (taken) history.replaceState(history.state, '', location.pathname)
  return taken
}
