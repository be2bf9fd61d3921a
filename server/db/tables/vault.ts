import type { CredentialId, NodeId, NodeKeyId } from '../../../contract/ids.ts'
import type { Fixed, Instant } from './columns.ts'

/** What opens nodes. */
export interface VaultTables {
  credential: {
    id: Fixed<CredentialId>
    name: string
    kind: 'key' | 'password'
    /** Sealed: an unencrypted OpenSSH private key, or the password. */
    secret: Buffer
    /** Sealed. */
    sudo_password: Buffer | null
    public_key: string | null
    fingerprint: string | null
    created_at: Fixed<Instant>
    secret_set_at: Instant
    /** Whether the secret was made here, or may be known elsewhere. */
    origin: 'generated' | 'uploaded'
  }
  /** A key that opens one node alone, made by a rotation. */
  node_key: {
    id: Fixed<NodeKeyId>
    node_id: Fixed<NodeId>
    credential_id: Fixed<CredentialId>
    /** `next` is not in force yet, `active` is, `leaving` was until just now. */
    state: 'next' | 'active' | 'leaving'
    /** Sealed: an unencrypted OpenSSH private key. */
    secret: Fixed<Buffer>
    public_key: Fixed<string>
    fingerprint: Fixed<string>
    made_at: Fixed<Instant>
    active_since: Instant | null
  }
}
