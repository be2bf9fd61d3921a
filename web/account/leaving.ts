/** Remembers across the way to the identity provider and back, in this tab alone. */
const placeKey = 'carl.sign-in.to'
const leftKey = 'carl.signed-out'

/** Goes to the provider; `to` is the place inside of the dashboard where the way back ends. */
export function leaveFor(url: string, to: string | undefined): void {
  if (to === undefined) sessionStorage.removeItem(placeKey)
  else sessionStorage.setItem(placeKey, to)
  location.assign(url)
}

/** Where to go after the way back, once. */
export function takePlace(): string | undefined {
  const to = sessionStorage.getItem(placeKey) ?? undefined
  sessionStorage.removeItem(placeKey)
  return to
}

/** Whoever signed out on purpose is not signed in again by the proxy at once. */
export const noteSignedOut = (): void => sessionStorage.setItem(leftKey, 'yes')
export const hasSignedOut = (): boolean => sessionStorage.getItem(leftKey) !== null
export const forgetSignedOut = (): void => sessionStorage.removeItem(leftKey)
