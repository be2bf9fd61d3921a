import * as z from 'zod'
import { defineApi } from './endpoint.ts'
import { namedHost, outgoingMode } from './outgoing.ts'

const cidr = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])

/** What an administrator can set while the server runs. Every entry has a default, so none is required. */
export const settings = z
  .strictObject({
    /**
     * Networks that nodes may lie in; the address is checked after the name is resolved. Loopback, link-local and
     * multicast only when a network inside them is listed.
     */
    allowedNetworks: z
      .array(cidr)
      .max(100)
      .default(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']),
    /** Where the server itself may send requests by HTTP: to all but hazards, or only to the hosts below. */
    outgoing: outgoingMode.default('open'),
    /** Hosts that requests may go to in strict mode; and in any mode, even when they lie on this machine. */
    outgoingHosts: z.array(namedHost).max(100).default([]),
    /** Whether registries are asked for newer images of the containers that the Update Advisor finds. */
    registryLookups: z.enum(['on', 'off']).default('on'),
    /** Executions that run at the same time over all nodes. */
    maxExecutions: z.number().int().min(1).max(200).default(30),
    /** Executions that run at the same time on one node. */
    maxExecutionsPerNode: z.number().int().min(1).max(8).default(1),
    /**
     * New SSH connections per node and hour, ten of them at once, for nodes without their own figure; 0 for no limit. A
     * connection that is open already is free.
     */
    connectionsPerHour: z.number().int().min(0).max(10_000).default(60),
    /** Days that executions, logs and metrics are kept. */
    retentionDays: z.number().int().min(1).max(3_650).default(30),
    /** Most that logs may take on disk, MiB; the oldest go first. */
    logsMaxMib: z.number().int().min(64).max(1_048_576).default(2_048),
    /** Days that the audit trail is kept. */
    auditRetentionDays: z.number().int().min(7).max(3_650).default(365),
    /** Days that commands that ran on nodes stay in it; no longer than the rest. */
    commandRetentionDays: z.number().int().min(1).max(3_650).default(30),
    /** Which changes of a node need two people to approve them. */
    secondApproval: z.enum(['never', 'destructive', 'always']).default('never'),
    /** Most that what was set aside may take on one node, GiB; 0 to set nothing aside that takes room. */
    trashMaxGib: z.number().min(0).max(100_000).default(20),
    /** Of whom a second factor is asked. Whoever has none must add one before anything else. */
    secondFactorRequired: z.enum(['nobody', 'admins', 'everybody']).default('nobody'),
    /** Days after which the SSH key of a node is due for a new one; 0 for never. */
    sshKeyRotationDays: z.number().int().min(0).max(3_650).default(90),
    /** Whether a due key is only reminded of, or renewed by the server itself. */
    sshKeyRotation: z.enum(['remind', 'automatic']).default('remind'),
    /** Hours without use after which a session ends. */
    sessionIdleHours: z.number().min(0.25).max(720).default(8),
    /** Hours after which a session ends in any case. */
    sessionMaxHours: z.number().min(1).max(8_760).default(168),
  })
  .meta({ id: 'Settings' })
export type Settings = z.infer<typeof settings>

export const settingsApi = defineApi({
  settings: {
    get: {
      method: 'GET',
      path: '/settings',
      summary: 'Show the settings',
      permission: 'settings.read',
      reply: settings,
    },
    change: {
      method: 'PATCH',
      path: '/settings',
      summary: 'Change some settings; the rest stays',
      permission: 'settings.write',
      stepUp: true,
      body: z.strictObject(
        Object.fromEntries(
          Object.entries(settings.shape).map(([name, field]) => [name, field.unwrap().optional()]),
        ) as {
          [Name in keyof typeof settings.shape]: z.ZodOptional<
            ReturnType<(typeof settings.shape)[Name]['unwrap']>
          >
        },
      ),
      reply: settings,
    },
  },
})
