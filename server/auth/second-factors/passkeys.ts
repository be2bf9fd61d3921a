import { isIP } from 'node:net'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { User } from '../../../contract/accounts.ts'
import type { WebAuthnResponse } from '../../../contract/second-factors.ts'
import { fail } from '../../lib/errors.ts'
import type { StoredPasskey } from './store.ts'

/** Brings a parser of certificates along, so only when somebody uses a passkey. */
const load = () => import('@simplewebauthn/server')

/** What a passkey has to sign, and where. */
export interface PasskeyChallenge {
  readonly challenge: string
  readonly host: string
}

/** What is known of a passkey once its making is checked. */
export type MadePasskey = Pick<StoredPasskey, 'credentialId' | 'publicKey' | 'transports' | 'counter'>

/**
 * The name that passkeys are tied to: the one in the address bar, without port. Throws `auth.passkeys_unavailable` for
 * an IP address, to which WebAuthn ties nothing.
 */
export function passkeyHost(host: string | null): string {
  const name = host === null ? undefined : URL.parse(`http://${host}`)?.hostname
  if (!name || name.startsWith('[') || isIP(name) !== 0) throw fail('auth.passkeys_unavailable')
  return name
}

/** Options for making one, as JSON for the browser. The person must be able to be found by it, and must unlock it. */
export async function creationOptions(
  user: User,
  existing: readonly StoredPasskey[],
  host: string,
): Promise<{ options: Record<string, unknown>; challenge: string }> {
  const { generateRegistrationOptions } = await load()
  const options = await generateRegistrationOptions({
    rpName: 'Carl',
    rpID: host,
    userName: user.name,
    userID: new Uint8Array(Buffer.from(user.id)),
    userDisplayName: user.name,
    excludeCredentials: existing.map(toDescriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { options: { ...options }, challenge: options.challenge }
}

/** Options for using one of `allowed`, or any that this server knows when there is none. */
export async function requestOptions(
  allowed: readonly StoredPasskey[],
  host: string,
): Promise<{ options: Record<string, unknown>; challenge: string }> {
  const { generateAuthenticationOptions } = await load()
  const options = await generateAuthenticationOptions({
    rpID: host,
    allowCredentials: allowed.map(toDescriptor),
    userVerification: 'required',
  })
  return { options: { ...options }, challenge: options.challenge }
}

/** Checks the making of one. Throws `auth.passkey_refused`. */
export async function checkCreation(
  response: WebAuthnResponse,
  { challenge, host }: PasskeyChallenge,
  origins: string[],
): Promise<MadePasskey> {
  const { verifyRegistrationResponse } = await load()
  const { registrationInfo } = await refusing(
    verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: host,
      requireUserVerification: true,
    }),
  )
  if (!registrationInfo) throw fail('auth.passkey_refused')
  const { id, publicKey, counter, transports = [] } = registrationInfo.credential
  return { credentialId: id, publicKey: Buffer.from(publicKey), counter, transports }
}

/** Checks a signature of one; returns its new count of uses. Throws `auth.passkey_refused`. */
export async function checkUse(
  response: WebAuthnResponse,
  passkey: StoredPasskey,
  { challenge, host }: PasskeyChallenge,
  origins: string[],
): Promise<number> {
  const { verifyAuthenticationResponse } = await load()
  const { verified, authenticationInfo } = await refusing(
    verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origins,
      expectedRPID: host,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
        transports: [...passkey.transports],
      },
    }),
  )
  if (!verified) throw fail('auth.passkey_refused')
  return authenticationInfo.newCounter
}

/** The library throws for whatever does not fit, with words that are of no use to anybody but a developer. */
async function refusing<Result>(checking: Promise<Result>): Promise<Result> {
  try {
    return await checking
  } catch (error) {
    throw fail('auth.passkey_refused', { cause: error })
  }
}

const toDescriptor = ({ credentialId, transports }: StoredPasskey) => ({
  id: credentialId,
  transports: [...transports],
})

/** By name and port, not by scheme: behind a proxy that is not trusted nobody can tell it. See `isOwnOrigin`. */
export const originsOf = (host: string): string[] => [`https://${host}`, `http://${host}`]
