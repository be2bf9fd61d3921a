import { createHash } from 'node:crypto'
import type { Depth } from '../../../contract/ai.ts'
import type { AskReason, CallPrice, ExplanationState, Question } from '../../../contract/explanations.ts'
import type { SavingReason } from '../../../contract/costs.ts'
import { type ExecutionId, executionId } from '../../../contract/ids.ts'
import type { NanoUsd } from '../../../contract/money.ts'
import type { Report } from '../../../contract/reports.ts'
import type { Actor } from '../../lib/actor.ts'
import type { Audit } from '../../audit/audit.ts'
import type { Database } from '../../db/database.ts'
import type { Clock } from '../../lib/clock.ts'
import { fail } from '../../lib/errors.ts'
import type { NewId } from '../../lib/id.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Ai } from '../ai.ts'
import type { Asked, AskWanted } from '../ask.ts'
import type { BatchWanted } from '../batch-store.ts'
import { decideToAsk } from '../gate/gate.ts'
import { redactionVersion, type Sent, toSent } from '../redact/sent.ts'
import { mayReuse } from '../reuse/may-reuse.ts'
import { type Snapshot, snapshotVersion, toSnapshot } from '../reuse/snapshot.ts'
import { billingOf, isOffFor, modelOf } from '../setup.ts'
import type { Ledger } from '../../costs/ledger.ts'
import { modelAnswer, modelReply, schemaVersion } from './answer.ts'
import { holdAnswer, holdReply } from './lock.ts'
import { type Language, promptVersion, toExplanationPrompt, toQuestionPrompt } from './prompt.ts'
import { createExplanationStore } from './store.ts'

interface ExplainTools {
  readonly db: Database
  readonly ai: Pick<Ai, 'ask' | 'window' | 'lane' | 'setup' | 'inputBound' | 'chosen'>
  readonly ledger: Pick<Ledger, 'costOf'>
  readonly audit: Pick<Audit, 'append'>
  /** Throws `execution.no_report`. */
  readonly reportOf: (id: ExecutionId) => Promise<Report>
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
  /** Hears of each call that was saved. */
  readonly onSaved: Ledger['noteSaving']
}

/** Tokens an answer may take, with what the model thinks before. */
const maxOutput = 4_000
/** What the lane knows explanations by. */
const topic = 'explanation'
const reuseMs = 24 * 3_600_000
const historyRuns = 14
const questionsMax = 20
/** Tokens of an ordinary answer, for a likely price. */
const likelyOutput = 800
/** Characters that a token has at least, on average. */
const charsPerToken = 2.2

/**
 * Has models explain reports, and answer questions about them. What they say is held against the run; findings, numbers
 * and severities always are those of the rules. Nothing waits for it: a report is whole without.
 */
export function createExplain(tools: ExplainTools) {
  const { db, ai, ledger, audit, reportOf, clock, newId, logger } = tools
  const language = (): Language => ai.setup().explain.language
  const store = createExplanationStore(db)
  const leaving = new AbortController()
  const underWay = new Set<Promise<unknown>>()

  /** Follows an execution that ended: takes it down for comparison, and asks when that adds something. */
  async function onReport(id: ExecutionId): Promise<void> {
    const report = await reportOf(id)
    const snapshot = toSnapshot(report)
    const history = await store.snapshotsBefore(id, report, historyRuns)
    await store.putSnapshot(id, report, snapshot)
    const verdict = decideToAsk({
      isOff: isOff(report),
      isAskedFor: false,
      novelty: {
        findings: report.findings,
        executionId: id,
        changes: report.changes ?? [],
        hasNewLogTemplate: hasNewTemplate(snapshot, history),
      },
    })
    if (!verdict.asks) return notAsked(report, 'cheap', verdict.reason)
    if (await reuse(report, snapshot, history, 'cheap')) return undefined
    const { waitH } = ai.setup().explain
    if (waitH > 0 && ai.setup().driver === 'anthropic') {
      follow(explainLater(report, new Date(clock.now().getTime() + waitH * 3_600_000)))
      return undefined
    }
    await put(report, { state: 'asking', depth: 'cheap', reason: 'called' })
    // The minute in which calls of a sweep gather is no reason to keep the event waiting.
    follow(explainNow(report, 'cheap', (wanted) => ai.window.ask(id, wanted)))
    return undefined
  }

  /** Somebody wants it explained now. Throws `execution.no_report` and `ai.off`. */
  async function explain(
    id: ExecutionId,
    { depth, again }: { readonly depth: Depth; readonly again: boolean },
    actor: Actor,
  ): Promise<ExplanationState> {
    const report = await reportOf(id)
    if (isOff(report)) throw fail('ai.off')
    const before = await store.find(id)
    // What waits in a batch is asked now all the same: whoever clicks does not want to wait.
    if (before?.state === 'asking' && before.reason !== 'batched') return get(id)
    const snapshot = toSnapshot(report)
    const history = await store.snapshotsBefore(id, report, historyRuns)
    await store.putSnapshot(id, report, snapshot)
    if (!again && (await reuse(report, snapshot, history, depth))) return get(id)
    const detail = { executionId: id, agentId: report.agentId, depth, again }
    await db.write((tx) =>
      audit.append(tx, { actor, action: 'ai.explanation-asked', target: report.nodeId, detail }),
    )
    await put(report, { state: 'asking', depth, reason: 'called' })
    follow(explainNow(report, depth, ai.ask))
    return get(id)
  }

  async function explainNow(
    report: Report,
    depth: Depth,
    ask: (wanted: AskWanted) => Promise<Asked>,
  ): Promise<void> {
    const sent = sentOf(report)
    const asked = await ask({ ...wantedOf(report, sent, depth), validate: isAnswer, signal: leaving.signal })
    await end(report, sent, { depth, reason: 'called', asked })
  }

  /** Hands it in to be done by then, at half the price. */
  async function explainLater(report: Report, dueAt: Date): Promise<void> {
    await put(report, { state: 'asking', depth: 'cheap', reason: 'batched', resetsAt: dueAt.toISOString() })
    const wanted = { tag: report.executionId, ...wantedOf(report, sentOf(report), 'cheap') }
    await ai.lane.submit(topic, [wanted], dueAt)
  }

  /** An answer of the lane, perhaps to a process before this one. */
  async function deliver({ tag, depth }: BatchWanted, asked: Asked, way: 'batch' | 'direct'): Promise<void> {
    const id = executionId.parse(tag)
    const waiting = await store.find(id)
    // Somebody did not want to wait, or it is delivered already, or the execution is gone.
    if (waiting?.state !== 'asking' || waiting.reason !== 'batched') return
    const report = await reportOf(id)
    await end(report, sentOf(report), { depth, reason: 'batched', asked })
    // What had to be asked directly after all cost the full price; in a batch, half was saved.
    if (asked.kind === 'answer' && way === 'batch') await noteSaved(report, 'batched', asked.costNanoUsd)
  }
  ai.lane.on(topic, { validate: isAnswer, deliver })

  const sentOf = (report: Report): Sent => toSent(report, { sendsRawLogs: sendsRawLogs(report) })

  const wantedOf = (report: Report, sent: Sent, depth: Depth) =>
    ({
      ...of(report),
      purpose: 'explanation',
      depth,
      prompt: toExplanationPrompt(sent, language(), maxOutput),
    }) as const

  interface End {
    readonly depth: Depth
    readonly reason: 'called' | 'batched'
    readonly asked: Asked
  }

  /** Keeps what of an answer holds against the run, or why there is none. */
  async function end(report: Report, sent: Sent, { depth, reason, asked }: End): Promise<void> {
    if (asked.kind !== 'answer') return endWithout(report, depth, asked)
    const { json, model, costNanoUsd, callId } = asked
    await put(report, {
      state: 'explained',
      reason,
      depth,
      explanation: holdAnswer(modelAnswer.parse(json), sent),
      answeredAt: clock.now().toISOString(),
      model,
      costNanoUsd,
      callId,
      cacheKey: keyOf(report, depth),
    })
  }

  /** Uses the last words again when everything that decides is the same. */
  async function reuse(report: Report, now: Snapshot, history: readonly Snapshot[], depth: Depth) {
    const since = new Date(clock.now().getTime() - reuseMs).toISOString()
    const found = await store.candidate(report.executionId, report, keyOf(report, depth), since)
    if (!found) return false
    const reused = mayReuse({
      now,
      candidate: found.snapshot,
      history,
      threshold: ai.setup().explain.similarity,
    })
    if (reused.kind === 'no') return false
    // Only what it says of findings that are here again: the rest is of another run.
    const here = new Set(report.findings.map(({ key }) => key))
    const { suggestions } = found.explanation
    const reason = reused.kind === 'exact' ? 'cache_exact' : 'cache_similar'
    await put(report, {
      state: 'explained',
      reason,
      depth,
      explanation: {
        ...found.explanation,
        suggestions: suggestions.filter(({ findingKey }) => here.has(findingKey)),
      },
      answeredAt: found.answeredAt,
      model: found.model,
      costNanoUsd: 0,
      cacheKey: keyOf(report, depth),
      reused: { from: found.executionId, similarity: reused.similarity },
    })
    await noteSaved(report, reason)
    return true
  }

  async function endWithout(
    report: Report,
    depth: Depth,
    asked: Exclude<Asked, { kind: 'answer' }>,
  ): Promise<void> {
    if (asked.kind === 'failed') {
      const { detail, callId } = asked
      return put(report, { state: 'failed', reason: 'called', depth, detail, callId })
    }
    return notAsked(report, depth, reasons[asked.reason], asked)
  }

  async function notAsked(
    report: Report,
    depth: Depth,
    reason: AskReason,
    { detail = null, resetsAt = null }: { detail?: string | null; resetsAt?: string | null } = {},
  ): Promise<void> {
    await put(report, { state: 'not-asked', reason, depth, detail, resetsAt })
    await noteSaved(report, reason)
  }

  /** `nanoUsd` is what it saved, where that is known. */
  async function noteSaved({ agentId }: Report, reason: AskReason, nanoUsd?: NanoUsd): Promise<void> {
    const saving = savings[reason]
    const { driver, model } = ai.chosen()
    if (!saving || model === null) return
    await tools.onSaved({ agentId, reason: saving, driver, model, ...(nanoUsd !== undefined && { nanoUsd }) })
  }

  /** How it stands. Throws `execution.no_report`. */
  async function get(id: ExecutionId): Promise<ExplanationState> {
    const report = await reportOf(id)
    const [found, questions] = await Promise.all([store.find(id), store.questions(id)])
    if (found) return { ...found, questions }
    const isOffNow = isOff(report)
    return {
      ...nothing,
      executionId: id,
      state: isOffNow ? 'not-asked' : 'pending',
      reason: isOffNow ? 'off' : null,
      depth: 'cheap',
      questions,
    }
  }

  /** What a question would cost. Nobody is asked. Throws `execution.no_report` and `ai.off`. */
  async function price(
    id: ExecutionId,
    { text, depth }: { readonly text: string; readonly depth: Depth },
  ): Promise<CallPrice> {
    const report = await reportOf(id)
    if (isOff(report)) throw fail('ai.off')
    const setup = ai.setup()
    const { prompt } = questionOf(report, await recent(id), text)
    const model = modelOf(setup, setup.driver, depth)
    const chars = JSON.stringify(prompt).length
    const cost = (input: number, output: number) =>
      ledger.costOf(model, { ...noTokens, input, output }, 'direct', clock.now())
    const most = cost(ai.inputBound(prompt), maxOutput)
    const isCharged = billingOf(setup, setup.driver) === 'metered'
    return {
      model,
      likelyNanoUsd: isCharged ? cost(Math.ceil(chars / charsPerToken), likelyOutput).nanoUsd : 0,
      mostNanoUsd: isCharged ? most.nanoUsd : 0,
      isPriceKnown: most.isPriceKnown,
      isCharged,
    }
  }

  /** Takes a question; its answer comes later. Throws `execution.no_report`, `ai.off` and `ai.too_many_questions`. */
  async function question(
    id: ExecutionId,
    { text, depth }: { readonly text: string; readonly depth: Depth },
    actor: Actor,
  ): Promise<Question> {
    const report = await reportOf(id)
    if (isOff(report)) throw fail('ai.off')
    if ((await store.questions(id)).length >= questionsMax) throw fail('ai.too_many_questions')
    const asked: Question = {
      id: newId('qst'),
      at: clock.now().toISOString(),
      askedBy: actor.name,
      text,
      state: 'asking',
      depth,
      detail: null,
      resetsAt: null,
      answer: null,
      model: null,
      costNanoUsd: null,
      callId: null,
    }
    await store.insertQuestion(id, asked)
    const detail = { executionId: id, questionId: asked.id, depth }
    await db.write((tx) =>
      audit.append(tx, { actor, action: 'ai.question-asked', target: report.nodeId, detail }),
    )
    follow(answer(report, asked))
    return asked
  }

  async function answer(report: Report, { id, text, depth }: Question): Promise<void> {
    const { sent, prompt } = questionOf(report, await recent(report.executionId), text)
    const asked = await ai.ask({
      ...of(report),
      purpose: 'question',
      depth,
      prompt,
      validate: (json) => modelReply.safeParse(json).success,
      signal: leaving.signal,
    })
    const none = { detail: null, resetsAt: null, answer: null, model: null, costNanoUsd: null, callId: null }
    if (asked.kind === 'answer') {
      const { model, costNanoUsd, callId, json } = asked
      const held = holdReply(modelReply.parse(json), sent)
      return store.endQuestion(id, { ...none, state: 'answered', answer: held, model, costNanoUsd, callId })
    }
    if (asked.kind === 'failed') {
      return store.endQuestion(id, { ...none, state: 'failed', detail: asked.detail, callId: asked.callId })
    }
    const { detail, resetsAt } = asked
    return store.endQuestion(id, { ...none, state: 'not-asked', detail, resetsAt })
  }

  const recent = async (id: ExecutionId) => store.snapshotsBefore(id, await reportOf(id), historyRuns)

  function questionOf(report: Report, history: readonly Snapshot[], text: string) {
    const sent = toSent(report, { sendsRawLogs: sendsRawLogs(report) })
    const prompt = toQuestionPrompt(sent, {
      text: sent.aliases.hide(text),
      // How often each finding stood in the runs before: numbers of ours, no text of the node.
      history: report.findings.slice(0, 40).map(({ rule, subject }, index) => ({
        id: `F${index + 1}`,
        runs_before: history.length,
        seen_in: history.filter(({ findings }) =>
          findings.some((one) => one.startsWith(`${rule}|${subject}|`)),
        ).length,
      })),
      language: language(),
      maxOutput,
    })
    return { sent, prompt }
  }

  const isOff = ({ nodeId, agentId }: Report): boolean => {
    const setup = ai.setup()
    return setup.driver === 'none' || isOffFor(setup, { nodeId, agentId })
  }

  const sendsRawLogs = ({ nodeId }: Report): boolean => ai.setup().explain.rawLogNodes.includes(nodeId)

  type Changed = Partial<Omit<Parameters<typeof store.put>[1], 'executionId'>> &
    Pick<Parameters<typeof store.put>[1], 'state' | 'depth' | 'reason'>
  const put = (report: Report, changed: Changed): Promise<void> =>
    store.put(report, { ...nothing, cacheKey: null, executionId: report.executionId, ...changed })

  /** Words are kept under everything that made them what they are, except the facts, which are compared. */
  function keyOf(report: Report, depth: Depth): string {
    const { agentId, agentVersion, schema } = report
    const setup = ai.setup()
    const parts = [
      agentId,
      agentVersion,
      schema,
      setup.driver,
      modelOf(setup, setup.driver, depth),
      depth,
      language(),
      promptVersion,
      schemaVersion,
      redactionVersion,
      snapshotVersion,
      sendsRawLogs(report),
    ]
    return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  }

  function follow(work: Promise<unknown>): void {
    const followed = work.catch((error: unknown) => {
      logger.error({ err: error }, 'explaining a report failed')
    })
    underWay.add(followed)
    void followed.finally(() => underWay.delete(followed))
  }

  /** Takes up what the last process left: nobody hears those answers any more. */
  async function start(): Promise<void> {
    const inBatches = await ai.lane.tagsOf(topic)
    await store.failInterrupted('The server stopped before the answer came.', inBatches)
  }

  async function stop(): Promise<void> {
    leaving.abort(new Error('the server stops'))
    await ai.window.flush()
    await Promise.allSettled(underWay)
  }

  return { onReport, explain, get, price, question, start, stop, settled: () => Promise.all(underWay) }
}
export type Explain = ReturnType<typeof createExplain>

const isAnswer = (json: unknown): boolean => modelAnswer.safeParse(json).success

const of = ({ executionId, nodeId, agentId }: Report) => ({ executionId, nodeId, agentId })

const hasNewTemplate = (now: Snapshot, history: readonly Snapshot[]): boolean => {
  if (history.length === 0) return false
  const known = new Set(history.flatMap(({ templates }) => templates))
  return now.templates.some((template) => !known.has(template))
}

const reasons = {
  off: 'off',
  budget: 'budget',
  'circuit-open': 'circuit_open',
  'no-key': 'no_key',
  'day-limit': 'day_limit',
} as const satisfies Record<Extract<Asked, { kind: 'not-asked' }>['reason'], AskReason>

/** What of it saved money that would have been spent. */
const savings: Partial<Record<AskReason, SavingReason>> = {
  no_novelty: 'quiet',
  cache_exact: 'cache-exact',
  cache_similar: 'cache-similar',
  batched: 'batched',
  budget: 'budget',
}

const noTokens = { input: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0, thinking: 0 }

const nothing = {
  detail: null,
  resetsAt: null,
  explanation: null,
  answeredAt: null,
  reused: null,
  model: null,
  costNanoUsd: null,
  callId: null,
} as const
