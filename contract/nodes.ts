import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { problem } from './errors.ts'
import { agentId, credentialId, nodeId } from './ids.ts'
import { instant, pageOf, pageQuery } from './page.ts'

export const tag = z
  .string()
  .trim()
  .min(1)
  .max(50)
  .regex(/^[^,!\s]+$/, 'No spaces, commas or exclamation marks')

/** How commands that need root are run: not at all, single commands through `sudo -n`, or the whole agent. */
export const elevation = z.enum(['none', 'commands', 'root'])
/** How the node is reached: the built-in client, or the OpenSSH client of this machine. */
export const transport = z.enum(['builtin', 'openssh'])

const settings = {
  name: z.string().trim().min(1).max(200),
  host: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[^\s/@]+$/, 'A host name or an IP address'),
  port: z.number().int().min(1).max(65_535),
  username: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^\s:@]+$/, 'A user name without spaces'),
  credentialId: credentialId.nullable(),
  /** The node to jump through (ProxyJump), or null for a direct connection. */
  jumpNodeId: nodeId.nullable(),
  transport,
  elevation,
  /** Offer SHA-1 and CBC algorithms for an old SSH server. */
  legacyAlgorithms: z.boolean(),
  tags: z.array(tag).max(50),
  /** Agents that may run here; null for all. */
  allowedAgents: z.array(agentId).nullable(),
  /** New SSH connections per hour; null for the default (60), 0 for no limit. */
  connectionsPerHour: z.number().int().min(0).max(10_000).nullable(),
  /** Paused nodes are left out of every run. */
  paused: z.boolean(),
}

export const nodeCreate = z
  .strictObject({
    ...settings,
    port: settings.port.default(22),
    credentialId: settings.credentialId.default(null),
    jumpNodeId: settings.jumpNodeId.default(null),
    transport: transport.default('builtin'),
    elevation: elevation.default('none'),
    legacyAlgorithms: settings.legacyAlgorithms.default(false),
    tags: settings.tags.default([]),
    /** What only reads may run from the start; everything else waits for a person to grant it. */
    allowedAgents: settings.allowedAgents.default(() => [agentId.parse('system-health')]),
    connectionsPerHour: settings.connectionsPerHour.default(null),
    paused: settings.paused.default(false),
  })
  .meta({ id: 'NodeCreate' })
export type NodeCreate = z.infer<typeof nodeCreate>

export const nodeChange = z.strictObject(settings).partial().meta({ id: 'NodeChange' })
export type NodeChange = z.infer<typeof nodeChange>

export const hostKey = z
  .object({
    type: z.string(),
    /** `SHA256:…`, as ssh-keygen prints it. */
    fingerprint: z.string(),
    /** How it became trusted: a person confirmed it, or an already trusted key vouched for it. */
    source: z.enum(['confirmed', 'learnt']),
    pinnedAt: instant,
    seenAt: instant,
  })
  .meta({ id: 'HostKey' })
export type HostKey = z.infer<typeof hostKey>

/** What a person sees of a node at a glance. */
export const nodeHealth = z.enum(['unknown', 'ok', 'findings', 'unreachable', 'blocked', 'paused'])

export const node = z
  .object({
    ...settings,
    id: nodeId,
    hostKeys: z.array(hostKey),
    /** What the last connection told: os, python, uid, sudo; empty before the first. */
    platform: z.record(z.string(), z.string()),
    health: nodeHealth,
    /** Open findings by severity. */
    findings: z.object({ critical: z.number(), high: z.number(), warning: z.number(), info: z.number() }),
    lastSeenAt: instant.nullable(),
    lastProblem: problem.nullable(),
    connected: z.boolean(),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({ id: 'Node' })
export type Node = z.infer<typeof node>

/** One step of the connection doctor. */
export const doctorStep = z
  .object({
    step: z.enum([
      'resolve',
      'address',
      'tcp',
      'banner',
      'algorithms',
      'host-key',
      'auth',
      'shell',
      'python',
      'scratch-folder',
      'sudo',
      'disk',
      'clock',
    ]),
    state: z.enum(['ok', 'warning', 'failed', 'skipped']),
    /** What was seen, in one sentence. */
    detail: z.string(),
    ms: z.number(),
    problem: problem.nullable(),
  })
  .meta({ id: 'DoctorStep' })
export type DoctorStep = z.infer<typeof doctorStep>

export const doctorReport = z
  .object({
    nodeId: nodeId.nullable(),
    ok: z.boolean(),
    steps: z.array(doctorStep),
    /** The key the node showed, for a person to compare and confirm. */
    offeredHostKey: z.object({ type: z.string(), key: z.string(), fingerprint: z.string() }).nullable(),
    platform: z.record(z.string(), z.string()),
  })
  .meta({ id: 'DoctorReport' })
export type DoctorReport = z.infer<typeof doctorReport>

const one = z.object({ id: nodeId })

export const nodesApi = defineApi({
  nodes: {
    list: {
      method: 'GET',
      path: '/nodes',
      summary: 'List nodes by name',
      permission: 'node.read',
      query: pageQuery.extend({
        search: z.string().max(200).optional(),
        tag: z.string().max(50).optional(),
        health: nodeHealth.optional(),
      }),
      reply: pageOf(node),
    },
    get: {
      method: 'GET',
      path: '/nodes/:id',
      summary: 'Show one node',
      permission: 'node.read',
      params: one,
      reply: node,
      errors: ['node.not_found'],
    },
    create: {
      method: 'POST',
      path: '/nodes',
      summary: 'Add a node; nothing is contacted until it is tested or an agent runs',
      permission: 'node.write',
      body: nodeCreate,
      reply: node,
      status: 201,
      errors: ['node.name_taken', 'credential.not_found', 'node.jump_loop'],
    },
    change: {
      method: 'PATCH',
      path: '/nodes/:id',
      summary: 'Change a node; a new host or port detaches confirmed host keys',
      permission: 'node.write',
      params: one,
      body: nodeChange,
      reply: node,
      errors: ['node.not_found', 'node.name_taken', 'credential.not_found', 'node.jump_loop', 'key.rotating'],
    },
    remove: {
      method: 'DELETE',
      path: '/nodes/:id',
      summary: 'Remove a node with its history',
      permission: 'node.write',
      params: one,
      reply: z.object({ removed: z.literal(true) }),
      errors: ['node.not_found', 'node.in_use'],
    },
    test: {
      method: 'POST',
      path: '/nodes/:id/test',
      summary: 'Run the connection doctor: every step from name to clock, with the fix for what fails',
      permission: 'node.test',
      params: one,
      reply: doctorReport,
      errors: ['node.not_found', 'ssh.connection_budget'],
    },
    confirmHostKey: {
      method: 'PUT',
      path: '/nodes/:id/host-keys',
      summary: 'Trust the host key with this fingerprint, and no other',
      permission: 'node.write',
      params: one,
      body: z.strictObject({
        type: z.string().max(100),
        key: z
          .string()
          .max(8_192)
          .regex(/^[A-Za-z0-9+/]+=*$/, 'Base64, as in known_hosts'),
        fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/),
      }),
      reply: node,
      errors: ['node.not_found'],
    },
  },
})
