import type { CredentialId, NodeId } from '../../../contract/ids.ts'
import type { Fixed, Flag, Instant, Json } from './columns.ts'

/** Nodes, and what is known of reaching them. */
export interface NodeTables {
  /** The newest rotation of each node. */
  key_rotation: {
    node_id: Fixed<NodeId>
    credential_id: Fixed<CredentialId>
    /** What is to be done next; see server/nodes/rotation/steps.ts. */
    step: string
    strategy: string | null
    waits_for_person: Flag
    problem: Json | null
    retry_at: Instant | null
    attempts: number
    started_at: Fixed<Instant>
    started_by: Fixed<string>
    activated_at: Instant | null
    good_runs: number
    old_public_key: Fixed<string>
    old_fingerprint: Fixed<string>
    new_public_key: string | null
    new_fingerprint: string | null
    ended_at: Instant | null
  }
  node: {
    id: Fixed<NodeId>
    name: string
    host: string
    port: number
    username: string
    credential_id: CredentialId | null
    jump_node_id: NodeId | null
    transport: 'builtin' | 'openssh'
    elevation: 'none' | 'commands' | 'root'
    legacy_algorithms: Flag
    tags: Json
    allowed_agents: Json | null
    connections_per_hour: number | null
    paused: Flag
    platform: Json
    /** Path of the interpreter that the last launch found. */
    python_hint: string | null
    last_seen_at: Instant | null
    last_problem: Json | null
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  host_key: {
    node_id: Fixed<NodeId>
    type: Fixed<string>
    /** Base64 of the key blob, as in known_hosts. */
    key: Fixed<string>
    fingerprint: Fixed<string>
    source: 'confirmed' | 'learnt'
    pinned_at: Fixed<Instant>
    seen_at: Instant
  }
  /** What a node lets us do, as it told when it was asked last. */
  node_access: {
    node_id: Fixed<NodeId>
    at: Instant
    facts: Json
  }
  /** A credential that a node refused: it is not tried again by itself. */
  quarantine: {
    node_id: Fixed<NodeId>
    credential_id: Fixed<CredentialId>
    since: Fixed<Instant>
    detail: string
  }
}
