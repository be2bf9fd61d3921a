import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** What closes the audit trail. Whoever has the database alone can make neither a line of it nor a checkpoint. */
export interface AuditKeys {
  /** Of the chain of lines: HMAC-SHA256. */
  readonly chain: Buffer
  /** Of the checkpoints: Ed25519, private. */
  readonly checkpoints: KeyObject
}

export const newAuditKeys = (): AuditKeys => ({
  chain: randomBytes(32),
  checkpoints: generateKeyPairSync('ed25519').privateKey,
})

/** The keys as a text that is kept sealed. */
export function auditKeysToText({ chain, checkpoints }: AuditKeys): string {
  const der = checkpoints.export({ type: 'pkcs8', format: 'der' })
  return JSON.stringify({ chain: chain.toString('base64'), checkpoints: der.toString('base64') })
}

export function auditKeysFromText(text: string): AuditKeys {
  const { chain, checkpoints } = JSON.parse(text) as Record<'chain' | 'checkpoints', string>
  return {
    chain: Buffer.from(chain, 'base64'),
    checkpoints: createPrivateKey({
      key: Buffer.from(checkpoints, 'base64'),
      type: 'pkcs8',
      format: 'der',
    }),
  }
}
