import * as z from 'zod'
import { type AiSetup, aiApi, aiSetup, keyedDriver } from '../../../contract/ai.ts'
import { priceChange } from '../../../contract/costs.ts'
import { agentId } from '../../../contract/ids.ts'
import { actionType } from '../../../contract/actions.ts'
import { role } from '../../../contract/permissions.ts'
import { settings as settingsShape, settingsApi } from '../../../contract/settings.ts'
import type { Ai } from '../../ai/ai.ts'
import type { Policies } from '../../approvals/policies.ts'
import type { Auth } from '../../auth/auth.ts'
import type { Costs } from '../../costs/costs.ts'
import { fail } from '../../lib/errors.ts'
import type { Settings } from '../../settings/settings.ts'
import { asKind } from '../kind.ts'
import type { Names } from '../names.ts'
import { asForm } from '../secrets.ts'

/** What the server itself does and may do: settings, money, models, approvals in advance, who may sign in. */

export const settingsKind = (settings: Settings) =>
  asKind({
    kind: 'settings',
    permission: 'settings.write',
    stepUp: true,
    shape: settingsApi.settings.change.body,
    nameOf: () => null,
    list: async () => [settingsShape.parse(settings.get())],
    over: (before, said) => ({ ...before, ...said }),
    put: async (said, { actor }) => void (await settings.change(said, actor)),
  })

/** Null for no limit; 0 lets nothing pass. */
const usd = z.number().min(0).max(1_000_000).nullable()
const limitsShape = z.strictObject({
  zone: z.string().min(1).max(100).optional(),
  /** US dollars; a limit that is left out stays as it is. */
  execution: usd.optional(),
  day: usd.optional(),
  month: usd.optional(),
  agents: z.record(agentId, usd).optional(),
})
type Limits = z.infer<typeof limitsShape>

const toNano = (amount: number | null): number | null => (amount === null ? null : Math.round(amount * 1e9))
const toUsd = (nanoUsd: number | null): number | null => (nanoUsd === null ? null : nanoUsd / 1e9)

export const limitsKind = ({ limits }: Pick<Costs, 'limits'>) =>
  asKind<Limits>({
    kind: 'limits',
    permission: 'budget.write',
    stepUp: true,
    shape: limitsShape,
    nameOf: () => null,
    async list() {
      const { zone, items } = await limits.list()
      const of = (wanted: string) => toUsd(items.find(({ limit }) => limit === wanted)?.limitNanoUsd ?? null)
      const agents = items.flatMap(({ agentId: id, limitNanoUsd }) =>
        id === null ? [] : [[id, toUsd(limitNanoUsd)] as const],
      )
      return [
        {
          zone,
          execution: of('execution'),
          day: of('day'),
          month: of('month'),
          agents: Object.fromEntries(agents.toSorted(([one], [other]) => one.localeCompare(other))),
        },
      ]
    },
    over: (before, said) => ({ ...before, ...said, agents: { ...before.agents, ...said.agents } }),
    async put(said, { actor }) {
      const { zone, items } = await limits.list()
      if (said.zone !== undefined && said.zone !== zone) await limits.setZone(said.zone, actor)
      const wanted = [
        ...(['execution', 'day', 'month'] as const).map((limit) => ({
          limit,
          agentId: null,
          amount: said[limit],
        })),
        ...Object.entries(said.agents ?? {}).map(([id, amount]) => ({
          limit: 'agent' as const,
          agentId: agentId.parse(id),
          amount,
        })),
      ]
      for (const { limit, agentId: id, amount } of wanted) {
        if (amount === undefined) continue
        const now = items.find((one) => one.limit === limit && one.agentId === id)
        if (now && toUsd(now.limitNanoUsd) === amount) continue
        await limits.set({ limit, agentId: id, limitNanoUsd: toNano(amount) }, actor)
      }
    },
  })

const priceShape = z.strictObject({ model: z.string().min(1).max(200), ...priceChange.shape })

/** Prices that people set; those that come with a version are no configuration. */
export const priceKind = ({ prices }: Pick<Costs, 'prices'>) =>
  asKind({
    kind: 'price',
    permission: 'budget.write',
    stepUp: true,
    shape: priceShape,
    nameOf: ({ model, effectiveFrom }) => `${model} ${effectiveFrom}`,
    list: async () =>
      prices
        .list()
        .items.filter(({ source }) => source === 'user')
        .map(({ model, effectiveFrom, tiers, batchPercent }) => ({
          model,
          effectiveFrom,
          tiers,
          batchPercent,
        })),
    put: async ({ model, ...change }, { actor }) => void (await prices.set(model, change, actor)),
  })

const keyShape = aiApi.ai.putKey.body.shape.key
const nodeNames = z.array(z.string().min(1).max(200)).max(10_000).default([])
const modelsShape = z.strictObject({
  ...aiSetup.shape,
  explain: aiSetup.shape.explain.unwrap().extend({ rawLogNodes: nodeNames }).prefault({}),
  nodesOff: nodeNames,
  /** Whose key is stored. */
  keys: z.array(keyedDriver).max(2).default([]),
})
type Models = z.infer<typeof modelsShape>

export const modelsKind = (ai: Ai, names: Names) =>
  asKind<Models>({
    kind: 'models',
    permission: 'ai.write',
    stepUp: true,
    shape: modelsShape,
    nameOf: () => null,
    async list() {
      const { setup, keys } = await ai.state()
      const known = await names.nodes()
      const toNames = (ids: readonly string[]) => ids.flatMap((id) => known.nameOf(id) ?? []).toSorted()
      return [
        {
          ...setup,
          explain: { ...setup.explain, rawLogNodes: toNames(setup.explain.rawLogNodes) },
          nodesOff: toNames(setup.nodesOff),
          keys: keyedDriver.options.filter((driver) => keys[driver] !== null),
        },
      ]
    },
    needs: ({ nodesOff, explain }) =>
      [...nodesOff, ...explain.rawLogNodes].map((name) => ({ kind: 'node' as const, name })),
    async put({ keys, ...said }, { actor, lent, warn }) {
      const known = await names.nodes()
      const wanted = aiSetup.safeParse({
        ...said,
        explain: { ...said.explain, rawLogNodes: said.explain.rawLogNodes.map(known.idOf) },
        nodesOff: said.nodesOff.map(known.idOf),
      } satisfies Record<keyof AiSetup, unknown>)
      if (!wanted.success) {
        const detail = wanted.error.issues
          .map(({ path, message }) => `${path.join('.')}: ${message}`)
          .join('; ')
        throw fail('request.invalid', { detail })
      }
      await ai.change(wanted.data, actor)
      for (const driver of keys) {
        const key = lent(`models/${driver}`)
        if (key !== undefined) await ai.putKey(driver, asForm(keyShape, key, `models/${driver}`), actor)
        else if ((await ai.state()).keys[driver] === null) {
          warn(`The key of ${driver} is missing: enter it, or give it along as models/${driver}.`)
        }
      }
    },
  })

const policyShape = z.strictObject({
  type: actionType,
  targets: z.array(z.string().min(1).max(200)).min(1).max(50),
  maxBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

/** A policy has no name: another figure is another policy. */
export const policyKind = (policies: Policies) =>
  asKind({
    kind: 'policy',
    permission: 'policy.write',
    stepUp: true,
    shape: policyShape,
    nameOf: ({ type, targets, maxBytes }) => `${type} on ${targets.join(', ')} up to ${maxBytes} bytes`,
    list: async () =>
      (await policies.list())
        .map(({ type, targets, maxBytes }) => ({ type, targets, maxBytes }))
        .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other))),
    put: async (said, { actor }) => void (await policies.create(said, actor)),
  })

const userShape = z.strictObject({ name: z.string().min(1).max(100), role })

/** Those with a password here. Whom somebody else vouches for comes by signing in. */
export const userKind = ({ users }: Pick<Auth, 'users'>) =>
  asKind({
    kind: 'user',
    permission: 'user.write',
    stepUp: true,
    shape: userShape,
    nameOf: ({ name }) => name,
    list: async () =>
      (await users.list())
        .filter(({ outside }) => outside === null)
        .map(({ name, role: may }) => ({ name, role: may }))
        .toSorted((one, other) => one.name.localeCompare(other.name)),
    async put({ name, role: wanted }, { actor }) {
      const there = (await users.list()).find((one) => one.name.toLowerCase() === name.toLowerCase())
      if (!there) return (await users.create({ name, role: wanted }, actor)).password.reveal()
      await users.changeRole(there.id, wanted, actor)
    },
  })
