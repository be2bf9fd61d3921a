import type { Explanation, ExplanationState, Question } from '../../../../contract/explanations.ts'
import { aiCallId, type ExecutionId, questionId } from '../../../../contract/ids.ts'
import type { Report } from '../../../../contract/reports.ts'

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

/** What a model might say that somebody led astray; it must be shown as text. */
export const markup = '<img src=x onerror="alert(1)"> **all is well** [here](https://evil.example)'

const nothing = {
  detail: null,
  resetsAt: null,
  explanation: null,
  answeredAt: null,
  reused: null,
  model: null,
  depth: 'cheap',
  costNanoUsd: null,
  callId: null,
} as const

const callId = aiCallId.parse('aic_01jd0000000000000000000001')

const explanationOf = ({ findings, changes }: Report): Explanation => {
  const [first, second = first] = findings
  if (!first || !second) throw new Error('the report has findings')
  const finding = { kind: 'finding', ref: first.key, label: first.title } as const
  const other = { kind: 'finding', ref: second.key, label: second.title } as const
  const disk = { kind: 'fact', ref: 'disks.0', label: 'disks: /var' } as const
  const change = {
    kind: 'change',
    ref: changes?.[0]?.path ?? '',
    label: changes?.[0]?.text ?? 'a change',
  } as const
  return {
    verdict: {
      text: 'One cause is likely behind the two worst findings: something writes to /var faster than it is cleared.',
      evidence: [finding, disk],
    },
    happened: [
      {
        text: 'The growth began after the last change, and nothing else on this node moved as far.',
        evidence: [change, disk],
      },
      { text: markup, evidence: [other] },
    ],
    lookAt: [{ text: 'See which directory below /var grew since the run before.', evidence: [finding] }],
    suggestions: [
      {
        text: 'Let old logs be removed by age before anything larger is deleted.',
        evidence: [finding],
        findingKey: first.key,
      },
      {
        text: 'Give what grows a place of its own, so that it cannot stop the rest.',
        evidence: [other],
        findingKey: second.key,
      },
    ],
    dropped: 2,
  }
}

const question = (changed: Partial<Question>): Question => ({
  ...nothing,
  id: questionId.parse('qst_01jd0000000000000000000001'),
  at: ago(4),
  askedBy: 'user:anna',
  text: 'Why did this start on Tuesday?',
  state: 'answered',
  answer: null,
  ...changed,
})

/** How an explanation can stand, for stories. */
export const explanations = {
  off: (executionId: ExecutionId): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId,
    state: 'not-asked',
    reason: 'off',
  }),
  quiet: (executionId: ExecutionId): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId,
    state: 'not-asked',
    reason: 'no_novelty',
  }),
  budget: (executionId: ExecutionId): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId,
    state: 'not-asked',
    reason: 'budget',
    detail: 'The limit of the day, $1.00, would be passed.',
    resetsAt: ago(-600),
  }),
  asking: (executionId: ExecutionId): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId,
    state: 'asking',
    reason: 'called',
  }),
  failed: (executionId: ExecutionId): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId,
    state: 'failed',
    reason: 'called',
    detail: 'Anthropic is overloaded (529).',
  }),
  explained: (report: Report, changed: Partial<ExplanationState> = {}): ExplanationState => ({
    ...nothing,
    questions: [],
    executionId: report.executionId,
    state: 'explained',
    reason: 'called',
    explanation: explanationOf(report),
    answeredAt: ago(6),
    model: 'claude-haiku-5-5',
    costNanoUsd: 760_000,
    callId,
    ...changed,
  }),
  questions: (report: Report): Question[] => [
    question({
      model: 'claude-haiku-5-5',
      costNanoUsd: 610_000,
      callId,
      answer: { claims: explanationOf(report).lookAt, dropped: 1 },
    }),
    question({
      id: questionId.parse('qst_01jd0000000000000000000002'),
      text: 'And will it be full before the weekend?',
      state: 'asking',
    }),
  ],
}
