import type { PasskeyId, SessionId, TokenId, UserId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** Users, and how they prove who they are. */
export interface AuthTables {
  user: {
    id: Fixed<UserId>
    name: string
    role: 'viewer' | 'operator' | 'admin'
    password_hash: string
    created_at: Fixed<Instant>
    password_changed_at: Instant
  }
  session: {
    id: Fixed<SessionId>
    /** SHA-256 of the cookie's value, hex. */
    token_hash: string
    user_id: Fixed<UserId>
    ip: string | null
    user_agent: string | null
    created_at: Fixed<Instant>
    last_seen_at: Instant
    expires_at: Fixed<Instant>
    /** When whoever has it last proved to be there. */
    proven_at: Instant | null
  }
  totp: {
    user_id: Fixed<UserId>
    /** Sealed: Base32 text. */
    secret: Fixed<Buffer>
    /** The latest step of 30 seconds of which a code was taken: each counts once. */
    last_step: number
    created_at: Fixed<Instant>
  }
  passkey: {
    id: Fixed<PasskeyId>
    user_id: Fixed<UserId>
    name: string
    /** The host name it was made at: WebAuthn's relying party id. */
    host: Fixed<string>
    /** The authenticator's own id of it, base64url. */
    credential_id: Fixed<string>
    /** COSE. */
    public_key: Fixed<Buffer>
    transports: Fixed<Json>
    /** Uses, as the authenticator counts them; stays 0 for those that do not. */
    counter: number
    created_at: Fixed<Instant>
    last_used_at: Instant | null
  }
  recovery_code: {
    user_id: Fixed<UserId>
    /** SHA-256, hex. */
    code_hash: Fixed<string>
  }
  api_token: {
    id: Fixed<TokenId>
    user_id: Fixed<UserId>
    name: string
    prefix: Fixed<string>
    token_hash: Fixed<string>
    role: 'viewer' | 'operator' | 'admin'
    /** What it is limited to; null for all that the role may. */
    scopes: Fixed<Json | null>
    created_at: Fixed<Instant>
    expires_at: Instant | null
    last_used_at: Instant | null
  }
  /** The identity provider; there is one row or none. */
  provider: {
    id: Fixed<string>
    issuer: string
    client_id: string
    /** Sealed. */
    client_secret: Buffer | null
    scopes: Json
    group_claim: string
    label: string
    enabled: Flag
    updated_at: Instant
  }
  /** Who gets in by the word of somebody outside; there is one row or none. */
  access_rules: {
    id: Fixed<string>
    group_roles: Json
    otherwise: 'viewer' | 'operator' | null
    hides_password: Flag
    updated_at: Instant
  }
  /** Who outside of here vouches for a user. */
  identity: {
    issuer: Fixed<string>
    subject: Fixed<string>
    user_id: Fixed<UserId>
    /** As they were at the last sign-in. */
    groups: Json
    /** What these groups give; null is no access. */
    role: 'viewer' | 'operator' | 'admin' | null
    /** The role was set here and stays, whatever the groups say. */
    pinned: Flag
    created_at: Fixed<Instant>
    seen_at: Instant
  }
  /** Sessions that began by somebody else's word, with what that one calls them. */
  outside_session: {
    session_id: Fixed<SessionId>
    issuer: Fixed<string>
    subject: Fixed<string>
    /** What the provider calls the session, for signing out there. */
    sid: Fixed<string | null>
  }
}
