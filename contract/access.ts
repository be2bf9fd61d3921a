import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { agentId, credentialId, nodeId } from './ids.ts'
import { elevation } from './nodes.ts'
import { instant } from './page.ts'

/** What a node lets us do, as it told when it was asked last. Everything in it comes from the node: it is data. */
export const accessFacts = z
  .object({
    user: z.string(),
    isRoot: z.boolean(),
    login: z.enum(['key', 'password']),
    /** Groups that are as good as root, e.g. docker. */
    rootGroups: z.array(z.string()),
    /** What sudo allows: nothing, all for a password, single commands or all without one. */
    sudo: z.enum(['none', 'password', 'commands', 'all']),
    /** The rules as sudo lists them. */
    sudoRules: z.array(z.string()),
    /** Whether the node starts its own command, whatever we ask for. */
    isForced: z.boolean(),
    /** The options of our line in authorized_keys; null where the line was not seen. */
    keyOptions: z.array(z.object({ name: z.string(), value: z.string().nullable() })).nullable(),
    /** The bundles its gate allows, by SHA-256 with a name; null without a gate. */
    bundles: z.array(z.object({ sha256: z.string(), name: z.string() })).nullable(),
    /** Whether its gate allows the programs of this server that start agents. */
    startsUs: z.boolean(),
    /** The address of this server as the node sees it. */
    seenFrom: z.string().nullable(),
  })
  .meta({ id: 'AccessFacts' })
export type AccessFacts = z.infer<typeof accessFacts>

/** A is exactly what is granted and nothing more; F is everything, for everybody who has a password. */
export const accessGrades = ['A', 'B', 'C', 'D', 'F'] as const
export const accessGrade = z.enum(accessGrades)
export type AccessGrade = z.infer<typeof accessGrade>

/** Why a grade is no better. */
export const accessReason = z.enum([
  'root-and-password',
  'root-login',
  'password-login',
  'sudo-all',
  'sudo-password',
  'root-group',
  'no-gate',
  'no-restrict',
  'line-unseen',
  'from-anywhere',
  'forwarding',
  'gate-behind',
  'gate-beyond',
  'all-agents',
])
export type AccessReason = z.infer<typeof accessReason>

export const nodeAccess = z
  .object({
    /** Null before the node was asked. */
    facts: accessFacts.nullable(),
    seenAt: instant.nullable(),
    grade: accessGrade.nullable(),
    /** The worst first; each caps the grade at its own. */
    reasons: z.array(z.object({ reason: accessReason, grade: accessGrade, subject: z.string() })),
    /** What is granted here, and what the gate of the node makes of it. */
    agents: z.array(
      z.object({
        agentId,
        title: z.string(),
        isGranted: z.boolean(),
        /** `no-gate`: the node starts whatever we send. */
        onNode: z.enum(['no-gate', 'allowed', 'other-version', 'refused']),
      }),
    ),
  })
  .meta({ id: 'NodeAccess' })
export type NodeAccess = z.infer<typeof nodeAccess>

/** For whom and for what a node is to be opened. */
export const enrolmentWish = z
  .strictObject({
    credentialId,
    /** The node it is for, once there is one: where a renewal gave it a key of its own, that one is let in. */
    nodeId: nodeId.nullable().default(null),
    username: z.string().min(1).max(64),
    elevation,
    /** Agents that may run there; null for all there are now. */
    agents: z.array(agentId).max(200).nullable(),
    /** Addresses the key is good from, as sshd takes them in `from=`; empty for every address. */
    from: z.string().max(500).default(''),
    /** Whether other nodes are reached through it: then it has to forward. */
    isJump: z.boolean().default(false),
  })
  .meta({ id: 'EnrolmentWish' })
export type EnrolmentWish = z.infer<typeof enrolmentWish>

export const enrolment = z
  .object({
    /** What is pasted into a root shell of the node. It may be pasted again, and brings everything up to date. */
    paste: z.string(),
    /** What undoes it, in one line. */
    remove: z.string(),
    /** Agents the block lets in, with the SHA-256 of what exactly travels. */
    bundles: z.array(z.object({ agentId, title: z.string(), sha256: z.string() })),
    /** Every command of the sudo rules, with its reason. */
    sudo: z.array(z.object({ why: z.string(), argv: z.array(z.string()) })),
    /** Addresses this machine has itself; one of them is what a node in the same network sees. */
    ownAddresses: z.array(z.string()),
  })
  .meta({ id: 'Enrolment' })
export type Enrolment = z.infer<typeof enrolment>

const one = z.object({ id: nodeId })

export const accessApi = defineApi({
  access: {
    get: {
      method: 'GET',
      path: '/nodes/:id/access',
      summary: 'Show what a node lets this server do, with a grade and its reasons',
      permission: 'node.read',
      params: one,
      reply: nodeAccess,
      errors: ['node.not_found'],
    },
    enrol: {
      method: 'POST',
      path: '/enrolment',
      summary:
        'Write the block to paste on a node, and the line that undoes it; nothing is contacted or kept',
      permission: 'node.write',
      body: enrolmentWish,
      reply: enrolment,
      errors: ['credential.not_found', 'enrolment.not_possible', 'agent.not_found'],
    },
  },
})
