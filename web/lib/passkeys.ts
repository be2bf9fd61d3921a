import type { WebAuthnResponse } from '../../contract/second-factors.ts'

/** Browsers offer passkeys over HTTPS and on localhost alone, and to no bare IP address. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && !/^[\d.]+$|^\[/.test(location.hostname)

/** Nobody unlocked a passkey: dismissed, timed out, or there is none. Browsers do not tell which, on purpose. */
export class PasskeyDismissed extends Error {
  override readonly name = 'PasskeyDismissed'
}

type Options = Record<string, unknown>

/** Lets the browser make a passkey. Throws `PasskeyDismissed`. */
export async function makePasskey(options: Options): Promise<WebAuthnResponse> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never)
  return answerOf(() => navigator.credentials.create({ publicKey }))
}

/** Lets the browser sign with a passkey. Throws `PasskeyDismissed`. */
export async function usePasskey(options: Options): Promise<WebAuthnResponse> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never)
  return answerOf(() => navigator.credentials.get({ publicKey }))
}

async function answerOf(ask: () => Promise<Credential | null>): Promise<WebAuthnResponse> {
  try {
    const credential = await ask()
    if (credential instanceof PublicKeyCredential) return credential.toJSON() as unknown as WebAuthnResponse
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
  }
  throw new PasskeyDismissed('no passkey was given')
}
