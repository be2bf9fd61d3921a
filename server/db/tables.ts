import type { ColumnType, Generated } from 'kysely'
import type { Depth, DriverKind } from '../../contract/ai.ts'
import type { Billing, CallPurpose, CallState, LimitKind, SavingReason } from '../../contract/costs.ts'
import type { AskReason } from '../../contract/explanations.ts'
import type { ActionType } from '../../contract/actions.ts'
import type { RepositoryKind } from '../../contract/repositories.ts'
import type { OccurrenceReason, OccurrenceState } from '../../contract/schedules.ts'
import type { FiringReason, FiringState } from '../../contract/triggers.ts'
import type {
  AgentId,
  AiCallId,
  ApprovalId,
  BackupDrillId,
  BackupPlaceId,
  BatchId,
  ChannelId,
  CredentialId,
  DeliveryId,
  ExecutionId,
  FiringId,
  NodeId,
  OccasionId,
  PasskeyId,
  PlanId,
  PolicyId,
  RejectionId,
  QuestionId,
  RepositoryId,
  ScheduleId,
  NodeKeyId,
  NoticeId,
  SessionId,
  TokenId,
  TrashId,
  TriggerId,
  UserId,
} from '../../contract/ids.ts'
import type { ChannelKind, DeliveryState, NoticeKind } from '../../contract/notifications.ts'

/**
 * The tables as Kysely sees them. Instants are ISO 8601 UTC text with milliseconds (they sort as text), JSON is
 * text, truth values are 0 and 1: a subset that SQLite and PostgreSQL share.
 */
type Instant = string
type Json = string
type Flag = 0 | 1
type Fixed<T> = ColumnType<T, T, never>

export interface Tables {
  meta: { name: Fixed<string>; value: string }
  setting: { name: Fixed<string>; value: Json; updated_at: Instant }
  audit: {
    seq: Fixed<number>
    at: Fixed<Instant>
    actor: Fixed<string>
    ip: Fixed<string | null>
    action: Fixed<string>
    target: Fixed<string | null>
    detail: Fixed<Json>
    previous_hash: Fixed<string>
    hash: Fixed<string>
  }
  /** Lines in a row that retention took out of the middle of the trail. */
  audit_gap: {
    first_seq: Fixed<number>
    last_seq: Fixed<number>
    /** What stood before the first of them, and the hash of the last. */
    previous_hash: Fixed<string>
    hash: Fixed<string>
    /** HMAC over all of it with the key of the chain. */
    seal: Fixed<string>
  }
  /** What people may have to hear of; `state` tells what was made of it. */
  notice: {
    /** The order in which they were written. */
    seq: Generated<number>
    id: Fixed<NoticeId>
    at: Fixed<Instant>
    kind: Fixed<NoticeKind>
    key: Fixed<string>
    severity: Fixed<'critical' | 'high' | 'warning' | 'info'>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    /** The notice as the contract shapes it. */
    body: Fixed<Json>
    state: 'fresh' | 'routed' | 'repeat' | 'nowhere'
  }
  channel: {
    id: Fixed<ChannelId>
    name: string
    kind: ChannelKind
    enabled: Flag
    fallback_id: ChannelId | null
    settings: Json
    /** Sealed: JSON of all secrets by name. */
    secrets: Buffer | null
    secret_names: Json
    /** The host it goes to, for the page that lists them. */
    place: string | null
    /** Whose it is, where a document of a schedule names its address. */
    schedule_id: Fixed<ScheduleId | null>
    last_sent_at: Instant | null
    last_problem: Json | null
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  held_notice: {
    channel_id: Fixed<ChannelId>
    notice_id: Fixed<NoticeId>
    due_at: Instant
    why: 'gathering' | 'quiet'
  }
  delivery: {
    seq: Generated<number>
    id: Fixed<DeliveryId>
    at: Fixed<Instant>
    channel_id: Fixed<ChannelId>
    state: DeliveryState
    message: Fixed<Json>
    title: Fixed<string>
    notices: Fixed<number>
    attempts: number
    next_at: Instant | null
    sent_at: Instant | null
    problem: Json | null
    instead_of: Fixed<DeliveryId | null>
  }
  notification_setup: { name: Fixed<string>; value: Json; updated_at: Instant }
  push_subscription: {
    /** SHA-256 of the endpoint, hex. */
    id: Fixed<string>
    user_id: UserId
    /** Sealed: JSON. */
    subscription: Buffer
    created_at: Instant
  }
  /** One row for each purpose and host; `last_result` is an HTTP status or an error code. */
  outgoing_contact: { purpose: Fixed<string>; host: Fixed<string>; last_at: Instant; last_result: string }
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
  batch: {
    id: Fixed<BatchId>
    agent_id: Fixed<AgentId>
    started_by: Fixed<string>
    created_at: Fixed<Instant>
  }
  execution: {
    id: Fixed<ExecutionId>
    batch_id: Fixed<BatchId | null>
    agent_id: Fixed<AgentId>
    agent_version: string
    bundle_sha256: string
    node_id: Fixed<NodeId>
    state: string
    /** 1 while the state is not final; small and indexed, so that the queue never reads history. */
    active: Flag
    mode: ColumnType<'report' | 'plan' | 'apply', 'report' | 'plan' | 'apply' | undefined, never>
    approval_id: Fixed<ApprovalId | null>
    dry_run: Flag
    options: Json
    timeout_s: number
    started_by: Fixed<string>
    queued_at: Fixed<Instant>
    /** Not before this instant; null for at once. */
    not_before: Instant | null
    waiting_for: string | null
    started_at: Instant | null
    finished_at: Instant | null
    outcome: Json | null
    log_lines: number
    verdict: string | null
    finding_counts: Json | null
    /** Counts claims; every write of a runner names the fence it holds, so a stale one changes nothing. */
    fence: Generated<number>
    /** Who asked to stop it, or null. */
    cancel_requested_by: string | null
    /** How to find the run again on the node after a restart. */
    reattach: Json | null
  }
  journal: {
    execution_id: Fixed<ExecutionId>
    seq: Fixed<number>
    at: Fixed<Instant>
    step: Fixed<string>
    detail: Fixed<Json>
  }
  report: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    created_at: Fixed<Instant>
    /** The report as the contract shapes it, without what other tables hold. */
    body: Json
  }
  finding: {
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    key: Fixed<string>
    rule: string
    severity: 'critical' | 'high' | 'warning' | 'info'
    /** 0 critical … 3 info: the order people want. */
    severity_rank: number
    subject: string
    title: string
    evidence: Json
    fix: string | null
    confidence: string
    state: 'new' | 'known' | 'worse' | 'better' | 'resolved'
    first_seen_at: Instant
    last_seen_at: Instant
    resolved_at: Instant | null
    /** Clean runs in a row without it; two resolve it. */
    absent_runs: number
    acknowledged_at: Instant | null
    acknowledged_by: string | null
    execution_id: ExecutionId
  }
  /** Values an agent asked to have back, by key; and metrics under their own names. */
  sample: {
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    key: Fixed<string>
    at: Fixed<Instant>
    value: Fixed<Json>
  }
  /** How models are asked; one row. */
  ai_setup: { name: Fixed<string>; value: Json; updated_at: Instant }
  /** Backups of one kind at one place, as one node sees them. */
  repository: {
    id: Fixed<RepositoryId>
    node_id: Fixed<NodeId>
    kind: Fixed<RepositoryKind>
    location: Fixed<string>
    created_at: Fixed<Instant>
    /** Sealed; null while none is kept. */
    secret: Buffer | null
    secret_set_at: Instant | null
    /** Names of the variables beside the password. */
    secret_variables: Json
    state: string
    newest_at: Instant | null
    backups: number
    size_bytes: number | null
    looked_at: Instant | null
    execution_id: ExecutionId | null
    check_body: Json | null
    drill: Json | null
    proof: Json | null
    findings: Json
  }
  ai_key: {
    /** The driver it is for. */
    id: Fixed<'anthropic' | 'openai-compatible'>
    /** Sealed. */
    secret: Buffer
    /** The only address it is sent to. */
    base_url: string
    set_at: Instant
  }
  ai_exchange: {
    id: Fixed<AiCallId>
    at: Fixed<Instant>
    ended_at: Instant | null
    purpose: Fixed<'explanation' | 'question' | 'digest' | 'test'>
    driver: Fixed<'none' | 'anthropic' | 'openai-compatible' | 'claude-code'>
    model: Fixed<string>
    mode: Fixed<'direct' | 'batch'>
    execution_id: Fixed<ExecutionId | null>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    request: string
    answer: string | null
    outcome: string | null
  }
  explanation: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    state: 'not-asked' | 'asking' | 'failed' | 'explained'
    reason: AskReason | null
    detail: string | null
    resets_at: Instant | null
    /** What the model said and stood, as the contract shapes it. */
    body: Json | null
    depth: Depth
    model: string | null
    cost_nano_usd: number | null
    call_id: AiCallId | null
    answered_at: Instant | null
    /** What the words are kept under; null when they were not made for reuse. */
    cache_key: string | null
    reused_from: ExecutionId | null
    similarity: number | null
  }
  /** What later runs of the same agent on the same node are compared with. */
  run_snapshot: {
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    body: Fixed<Json>
  }
  question: {
    id: Fixed<QuestionId>
    execution_id: Fixed<ExecutionId>
    at: Fixed<Instant>
    asked_by: Fixed<string>
    text: Fixed<string>
    depth: Fixed<Depth>
    state: 'asking' | 'answered' | 'failed' | 'not-asked'
    detail: string | null
    resets_at: Instant | null
    body: Json | null
    model: string | null
    cost_nano_usd: number | null
    call_id: AiCallId | null
  }
  ai_batch: {
    /** As the provider calls it. */
    id: Fixed<string>
    submitted_at: Fixed<Instant>
    /** When its work is wanted at the latest. */
    due_at: Fixed<Instant>
    next_poll_at: Instant
    polls: number
    state: 'waiting' | 'cancelling'
  }
  ai_batch_item: {
    id: Fixed<AiCallId>
    /** Null before the provider has taken it. */
    batch_id: string | null
    topic: Fixed<string>
    due_at: Fixed<Instant>
    /** What was asked, to ask it again. */
    wanted: Fixed<Json>
  }
  metric: {
    node_id: Fixed<NodeId>
    name: Fixed<string>
    /** Canonical JSON of the labels, `{}` for none. */
    labels: Fixed<Json>
    at: Fixed<Instant>
    value: Fixed<number>
    unit: Fixed<string>
  }
  /** One payment to a model; see `callState` for its life. Amounts are billionths of a US dollar. */
  ai_call: {
    id: Fixed<AiCallId>
    created_at: Fixed<Instant>
    /** Of the calendar in the zone of the budgets when it was made. */
    day: Fixed<string>
    purpose: Fixed<CallPurpose>
    execution_id: Fixed<ExecutionId | null>
    node_id: Fixed<NodeId | null>
    agent_id: Fixed<AgentId | null>
    driver: Fixed<DriverKind>
    model: Fixed<string>
    mode: Fixed<'direct' | 'batch'>
    billing: Fixed<Billing>
    state: CallState
    /** Source, model and day of the price it was charged at. */
    price_row: string
    is_price_known: Flag
    input_bound: Fixed<number>
    max_output: Fixed<number>
    cache_ttl: Fixed<'none' | '5m' | '1h'>
    input_chars: Fixed<number | null>
    prompt_version: Fixed<string | null>
    reserved_nano_usd: number
    /** What counts against the limits. */
    charged_nano_usd: number
    list_nano_usd: number | null
    input: number | null
    cache_write_5m: number | null
    cache_write_1h: number | null
    cache_read: number | null
    output: number | null
    thinking: number | null
    request_id: string | null
    stop_reason: string | null
    duration_ms: number | null
    why: string | null
    expires_at: Fixed<Instant>
  }
  /** Sums of `ai_call`, kept by triggers: nobody writes here. `agent_id` is empty for calls of no agent. */
  ai_spend: {
    day: Fixed<string>
    agent_id: Fixed<string>
    charged_nano_usd: Fixed<number>
    held_nano_usd: Fixed<number>
  }
  /** Limits that somebody set; a row with null sets none, no row leaves the default. */
  budget: {
    limit_kind: Fixed<LimitKind>
    agent_id: Fixed<string>
    limit_nano_usd: number | null
  }
  /** Shares of limits that people have heard of, by day or month. */
  budget_notice: {
    limit_kind: Fixed<LimitKind>
    agent_id: Fixed<string>
    period: Fixed<string>
    percent: Fixed<number>
  }
  price_override: {
    model: Fixed<string>
    effective_from: Fixed<string>
    tiers: Json
    batch_percent: number
    as_of: string
  }
  /** What runs by itself, and when. */
  schedule: {
    id: Fixed<ScheduleId>
    name: string
    spec: Json
    /** Sealed: who is told of what, as a document said it. Such addresses are secrets of their own. */
    notifications: Buffer | null
    /** Sealed: the document it came from, as it was written; null once it was changed elsewhere. */
    source: Buffer | null
    paused: Flag
    /** The next occurrence that is not recorded yet; null when there is none, or it is paused. */
    next_at: Instant | null
    next_due_at: Instant | null
    /** Counts changes, so that a firing that began before one does nothing. */
    revision: number
    created_by: Fixed<string>
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  /** One row for each time that a schedule should run, whatever became of it. */
  occurrence: {
    schedule_id: Fixed<ScheduleId>
    at: Fixed<Instant>
    due_at: Fixed<Instant>
    state: OccurrenceState
    reason: OccurrenceReason | null
    detail: string | null
    /** More than one where a row stands for many that are long gone. */
    count: Fixed<number>
    settled_at: Instant | null
    /** Of what it started. Batches go with their executions after a time, so nothing refers to this. */
    batch_id: BatchId | null
  }
  trigger: {
    id: Fixed<TriggerId>
    name: string
    spec: Json
    paused: Flag
    /** SHA-256 of the secret part of the address that is called; null for what is not called. */
    hook_hash: string | null
    /** Sealed: the key that calls are signed with. */
    hook_secret: Buffer | null
    /** What happened last that did not quite fit. */
    near_miss: Json | null
    created_by: Fixed<string>
    created_at: Fixed<Instant>
    updated_at: Instant
  }
  /** What happened and no trigger has looked at yet. */
  occasion: {
    id: Fixed<OccasionId>
    at: Fixed<Instant>
    body: Fixed<Json>
  }
  /** What came of each occasion that a trigger is for. */
  firing: {
    id: Fixed<FiringId>
    trigger_id: Fixed<TriggerId>
    occasion_id: Fixed<string>
    at: Fixed<Instant>
    state: Fixed<FiringState>
    reason: Fixed<FiringReason | null>
    detail: Fixed<string | null>
    cause: Fixed<Json>
    /** What the cool-down is counted for: a node, or nothing for the trigger as a whole. */
    scope: Fixed<string>
    /** The triggers that led here, oldest first. */
    path: Fixed<Json>
    /** Of what it started. Batches go with their executions after a time, so nothing refers to this. */
    batch_id: Fixed<BatchId | null>
  }
  hook_call: {
    trigger_id: Fixed<TriggerId>
    key: Fixed<string>
    at: Fixed<Instant>
  }
  /** Runs that asked no model or paid less, with what a call would likely have cost. */
  ai_saving: {
    day: Fixed<string>
    agent_id: Fixed<string>
    reason: Fixed<SavingReason>
    runs: number
    saved_nano_usd: number
  }
  plan: {
    id: Fixed<PlanId>
    execution_id: Fixed<ExecutionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    agent_version: Fixed<string>
    bundle_sha256: Fixed<string>
    host_key: Fixed<string>
    created_at: Fixed<Instant>
    expires_at: Fixed<Instant>
    /** The plan that took its place. */
    superseded_by: ExecutionId | null
  }
  plan_action: {
    plan_id: Fixed<PlanId>
    aid: Fixed<string>
    position: Fixed<number>
    node_id: Fixed<NodeId>
    object: Fixed<string>
    /** An `ActionOrder`. */
    body: Fixed<Json>
    title: Fixed<string>
    why: Fixed<string>
    finding_key: Fixed<string | null>
    bytes_min: Fixed<number | null>
    bytes_max: Fixed<number | null>
    /** Unix seconds by the node's clock. */
    read_at: Fixed<number>
    state: 'waiting' | 'second-person' | 'approved' | 'rejected' | 'held' | 'superseded' | 'settled'
    approval_id: ApprovalId | null
    decided_by: string | null
    decided_at: Instant | null
    outcome: Json | null
    /** Why it is `rejected` or `held`; one that is gone by now was taken back or has run out. */
    rejection_id: RejectionId | null
  }
  rejection: {
    id: Fixed<RejectionId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    /** What tells that a change is the same one. */
    change_key: Fixed<string>
    type: Fixed<ActionType>
    object: Fixed<string>
    title: Fixed<string>
    by: Fixed<string>
    why: Fixed<string>
    at: Fixed<Instant>
    until: Fixed<Instant | null>
  }
  approval: {
    id: Fixed<ApprovalId>
    kind: Fixed<'plan' | 'undo'>
    /** Null for an undo. */
    plan_id: Fixed<PlanId | null>
    trash_id: Fixed<TrashId | null>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    bundle_sha256: Fixed<string>
    host_key: Fixed<string>
    /** What travels, to the letter, and its SHA-256. */
    body: string
    sha256: string
    approved_by: Fixed<string>
    approved_at: Fixed<Instant>
    second_by: string | null
    second_at: Instant | null
    state: 'second-person' | 'running' | 'settled' | 'withdrawn'
    dry_run: Fixed<Flag>
    expires_at: Instant
    execution_id: ExecutionId | null
    bytes_freed: number | null
  }
  trash: {
    id: Fixed<TrashId>
    node_id: Fixed<NodeId>
    agent_id: Fixed<AgentId>
    /** The execution that set it aside. */
    execution_id: Fixed<ExecutionId>
    aid: Fixed<string>
    type: Fixed<ActionType>
    object: Fixed<string>
    title: Fixed<string>
    /** The `ActionOrder` that brings it back. */
    body: Fixed<Json>
    bytes: Fixed<number>
    removed_at: Fixed<Instant>
    removed_by: Fixed<string>
    until: Fixed<Instant | null>
    state: 'kept' | 'restoring' | 'restored' | 'gone'
  }
  registry_answer: {
    /** Empty for what this server was told; otherwise the node that asked by itself. */
    asked_from: Fixed<NodeId | ''>
    /** `host/path:tag`. */
    reference: Fixed<string>
    /** What it said last when it said something. */
    digest: string | null
    digest_since: Instant | null
    /** Looks in a row in which the tag was not there. */
    gone_looks: number
    /** Why the last look brought nothing. */
    trouble: string | null
    looked_at: Instant
    next_at: Instant
  }
  registry_tags: {
    /** `host/path`. */
    repository: Fixed<string>
    /** Those that are versions. */
    tags: Json
    complete: Flag
    looked_at: Instant
    next_at: Instant
  }
  registry_pause: {
    host: Fixed<string>
    until: Instant
  }
  approval_policy: {
    id: Fixed<PolicyId>
    type: Fixed<ActionType>
    targets: Fixed<Json>
    max_bytes: Fixed<number>
    created_by: Fixed<string>
    created_at: Fixed<Instant>
  }
  own_backup: {
    name: Fixed<string>
    kind: Fixed<'nightly' | 'manual'>
    created_at: Fixed<Instant>
    size_bytes: Fixed<number>
    key_id: Fixed<string>
    app_version: Fixed<string>
    rows: Fixed<number>
    has_logs: Fixed<Flag>
    proved_at: Instant | null
  }
  own_backup_place: {
    id: Fixed<BackupPlaceId>
    settings: Fixed<Json>
    secret: Buffer | null
    created_at: Fixed<Instant>
    names: Json
    looked_at: Instant | null
    filled_at: Instant | null
    problem: Json | null
  }
  own_backup_drill: {
    id: Fixed<BackupDrillId>
    at: Fixed<Instant>
    name: Fixed<string>
    place_id: Fixed<BackupPlaceId | null>
    is_proved: Fixed<Flag>
    body: Fixed<Json>
  }
}
