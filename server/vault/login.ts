import type { Secret } from '../lib/secret.ts'

/** What opens a node, lent for the moment of logging in. The SSH floor above asks for exactly this shape. */
export type Login =
  | { readonly kind: 'key' /** Unencrypted OpenSSH private key. */; readonly privateKey: Secret }
  | { readonly kind: 'password'; readonly password: Secret }
