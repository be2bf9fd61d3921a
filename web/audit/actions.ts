/** What the audit trail can tell of, for the filter. Others are found by choosing them in a line. */
export const knownActions = [
  'access-rules.changed',
  'ai.changed',
  'ai.explanation-asked',
  'ai.key-removed',
  'ai.key-set',
  'ai.question-asked',
  'ai.tested',
  'audit.exported',
  'audit.thinned',
  'audit.trimmed',
  'command.denied',
  'command.ran',
  'credential.created',
  'credential.removed',
  'credential.replaced',
  'execution.cancelled',
  'execution.finished',
  'execution.launched',
  'execution.queued',
  'factor.added',
  'factor.removed',
  'factor.reset',
  'finding.acknowledged',
  'host-key.confirmed',
  'host-key.learnt',
  'master-key.rotated',
  'key.rotation-started',
  'login-link.created',
  'node.agents-granted',
  'node.changed',
  'node.created',
  'node.removed',
  'node.tested',
  'node-key.activated',
  'node-key.added',
  'node-key.confirmed-by-hand',
  'node-key.forgotten',
  'node-key.removed',
  'node-key.rotated',
  'node-key.rotation-cancelled',
  'node-key.rotation-failed',
  'node-key.rotation-started',
  'node-key.rotation-undone',
  'outgoing.refused',
  'password.changed',
  'password.reset',
  'presence.proven',
  'presence.refused',
  'provider.changed',
  'provider.removed',
  'provider.tried',
  'recovery-codes.created',
  'recovery-kit.declined',
  'recovery-kit.downloaded',
  'server.unsealed',
  'session.ended',
  'session.refused',
  'session.started',
  'settings.changed',
  'setup.claimed',
  'ssh.connected',
  'ssh.failed',
  'token.created',
  'token.revoked',
  'user.created',
  'user.removed',
  'user.role-changed',
  'user.vouched-for',
] as const

/** `user:anna` as kind and name; the whole as a name where there is no kind. */
export function toActor(actor: string): { readonly kind: string; readonly name: string | null } {
  const colon = actor.indexOf(':')
  return colon < 0
    ? { kind: actor, name: null }
    : { kind: actor.slice(0, colon), name: actor.slice(colon + 1) }
}

/** The page that is about a target; null where there is none. */
export function pageOf(target: string): { readonly to: '/nodes/$id' | '/executions/$id' } | null {
  if (/^nod_[0-9a-z]{26}$/.test(target)) return { to: '/nodes/$id' }
  return /^exe_[0-9a-z]{26}$/.test(target) ? { to: '/executions/$id' } : null
}
