import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { problem } from './errors.ts'
import { credentialId, nodeId } from './ids.ts'
import { rotationSteps } from './key-terms.ts'
import { instant } from './page.ts'

export const rotationStep = z.enum([...rotationSteps, 'undo', 'done', 'undone'])
export type RotationStep = z.infer<typeof rotationStep>

/** How the line of a key gets onto the node: by its file, by what the system keeps the file from, or by a person. */
export const rotationStrategy = z.enum(['file', 'unraid', 'truenas', 'manual'])
export type RotationStrategy = z.infer<typeof rotationStrategy>

/** The newest rotation of a node's key; earlier ones are in the audit trail. */
export const keyRotation = z
  .object({
    step: rotationStep,
    /** Null until the node was looked at. */
    strategy: rotationStrategy.nullable(),
    /** A person has to add or remove a line on the node, and to say so. */
    waitsForPerson: z.boolean(),
    /** Runs on the node have to end first. */
    waitsForRun: z.boolean(),
    /** The line to add at `append`, or to remove at `remove`; null where nobody has to do it by hand. */
    line: z.string().nullable(),
    /** What stands in the way, or why it was undone. The key that is in force stays in force. */
    problem: problem.nullable(),
    /** When it is tried again by itself. */
    retryAt: instant.nullable(),
    startedAt: instant,
    startedBy: z.string(),
    /** Since when the new key is in force. */
    activatedAt: instant.nullable(),
    /** Until when the old key stays, unless enough runs go well before. */
    graceUntil: instant.nullable(),
    /** Successful runs with the new key. */
    goodRuns: z.number(),
    oldFingerprint: z.string(),
    newFingerprint: z.string().nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'KeyRotation' })
export type KeyRotation = z.infer<typeof keyRotation>

/** Where the SSH key of one node is in its life. */
export const nodeKey = z
  .object({
    nodeId,
    nodeName: z.string(),
    credentialId: credentialId.nullable(),
    credentialName: z.string().nullable(),
    /** The node has a key of its own, made by a rotation, instead of the one of its credential. */
    isOwn: z.boolean(),
    /** A person brought this key from elsewhere, so somebody else may use it too. */
    isUploaded: z.boolean(),
    fingerprint: z.string().nullable(),
    since: instant.nullable(),
    /** Null while rotation is switched off, and for what cannot be rotated. */
    dueAt: instant.nullable(),
    standing: z.enum(['fresh', 'soon', 'overdue', 'off', 'none']),
    /** Why it cannot be rotated; null when it can. */
    cannotRotate: z.enum(['no-credential', 'password']).nullable(),
    rotation: keyRotation.nullable(),
  })
  .meta({ id: 'NodeKey' })
export type NodeKey = z.infer<typeof nodeKey>

const one = z.object({ id: nodeId })

export const keysApi = defineApi({
  keys: {
    list: {
      method: 'GET',
      path: '/keys',
      summary: 'List the SSH key of every node, with its age and its rotation',
      permission: 'credential.read',
      reply: z.object({ items: z.array(nodeKey) }),
    },
    get: {
      method: 'GET',
      path: '/nodes/:id/key',
      summary: 'Show where the SSH key of a node is in its life',
      permission: 'credential.read',
      params: one,
      reply: nodeKey,
      errors: ['node.not_found'],
    },
    rotate: {
      method: 'POST',
      path: '/nodes/:id/key/rotate',
      summary: 'Give the node a new SSH key; the old one goes when the new one has proved itself',
      permission: 'credential.write',
      stepUp: true,
      params: one,
      body: z.strictObject({
        /** Also remove the line of a key that was brought from elsewhere, which others may use. */
        removesUploaded: z.boolean().default(false),
      }),
      reply: nodeKey,
      status: 202,
      errors: ['node.not_found', 'key.not_rotatable', 'key.uploaded', 'key.rotating'],
    },
    confirm: {
      method: 'POST',
      path: '/nodes/:id/key/confirm',
      summary: 'Say that the line was added or removed by hand, and have it checked',
      permission: 'credential.write',
      params: one,
      reply: nodeKey,
      status: 202,
      errors: ['node.not_found', 'key.not_rotating'],
    },
    cancel: {
      method: 'POST',
      path: '/nodes/:id/key/cancel',
      summary: 'Take a rotation back: the old key stays, the new one is removed',
      permission: 'credential.write',
      params: one,
      reply: nodeKey,
      status: 202,
      errors: ['node.not_found', 'key.not_rotating', 'key.too_late'],
    },
    forget: {
      method: 'DELETE',
      path: '/nodes/:id/key',
      summary: "Forget the node's own key: the key of its credential opens it again",
      permission: 'credential.write',
      stepUp: true,
      params: one,
      reply: nodeKey,
      errors: ['node.not_found', 'key.rotating', 'key.not_own'],
    },
  },
})
