import type { ChannelId } from '../../contract/ids.ts'
import type { ChannelChange, ChannelTrial, NotificationRules } from '../../contract/notifications.ts'
import type { Audit } from '../audit/audit.ts'
import type { Database } from '../db/database.ts'
import type { Actor } from '../lib/actor.ts'
import type { Clock } from '../lib/clock.ts'
import type { NewId } from '../lib/id.ts'
import { say, tongueOf } from '../notices/say.ts'
import type { Channels, OpenChannel } from './channels.ts'
import type { Deliver } from './deliver.ts'
import type { Message } from './message.ts'
import type { NotificationStore } from './store.ts'

interface TrialTools {
  readonly db: Database
  readonly store: NotificationStore
  readonly channels: Pick<Channels, 'find' | 'open' | 'draft'>
  readonly deliver: Deliver
  readonly audit: Audit
  readonly rules: () => Pick<NotificationRules, 'language'>
  readonly clock: Clock
  readonly newId: NewId
  /** Aborts when the server stops. */
  readonly signal: AbortSignal
}

/** Sends a message for trial, by a channel that is there or by one that is being made. */
export function createTrials(tools: TrialTools) {
  const { db, store, channels, deliver, audit, rules, clock, newId, signal } = tools

  async function test(id: ChannelId, actor: Actor): Promise<ChannelTrial> {
    const channel = await channels.find(id)
    const trial = await tryOut(channels.open(channel))
    await db.write(async (tx) => {
      if (trial.problem) await store.noteChannel(tx, id, { problem: trial.problem })
      else await store.noteChannel(tx, id, { sentAt: clock.now().toISOString() })
      const detail = { problem: trial.problem?.code ?? null }
      await audit.append(tx, { actor, action: 'channel.tested', target: id, detail })
    })
    return trial
  }

  async function tryDraft(id: ChannelId | null, wanted: ChannelChange, actor: Actor): Promise<ChannelTrial> {
    const draft = await channels.draft(id, wanted)
    const trial = await tryOut(draft)
    const detail = { kind: wanted.settings.kind, problem: trial.problem?.code ?? null }
    await db.write((tx) => audit.append(tx, { actor, action: 'channel.tested', target: id, detail }))
    return trial
  }

  async function tryOut(channel: OpenChannel): Promise<ChannelTrial> {
    const startedMs = clock.monotonicMs()
    const result = await deliver(channel, testMessage(), signal)
    const durationMs = Math.round(clock.monotonicMs() - startedMs)
    return result.kind === 'sent'
      ? { isSent: true, problem: null, durationMs }
      : { isSent: false, problem: result.problem, durationMs }
  }

  function testMessage(): Message {
    const { language } = rules()
    const { put } = tongueOf(language)
    const title = put(say('test.title'))
    const line = {
      kind: 'report.morning',
      severity: 'info',
      text: title,
      page: '/settings?tab=notifications',
    } as const
    return {
      id: newId('dlv'),
      at: clock.now().toISOString(),
      title,
      severity: 'info',
      lines: [line],
      detail: [put(say('test.text'))],
      page: line.page,
      language,
    }
  }

  return { test, tryDraft }
}
