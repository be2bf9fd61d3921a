import * as z from 'zod'

/** Raised when the shape of an answer changes. */
export const schemaVersion = 1

const sentence = z.string().max(600)
const modelClaim = z.strictObject({
  text: sentence,
  evidence: z.array(z.string().max(12)).max(12),
  quotes: z.array(z.string().max(300)).max(4),
})
export type ModelClaim = z.infer<typeof modelClaim>

/** What a model may say about a report. There is no room in it for an action, a severity, or a finding of its own. */
export const modelAnswer = z.strictObject({
  verdict: modelClaim,
  happened: z.array(modelClaim).max(8),
  look_at: z.array(modelClaim).max(8),
  suggestions: z.array(modelClaim.extend({ finding: z.string().max(12) })).max(8),
})
export type ModelAnswer = z.infer<typeof modelAnswer>

/** What a model may say to a question. */
export const modelReply = z.strictObject({ claims: z.array(modelClaim).max(8) })
export type ModelReply = z.infer<typeof modelReply>

type Schema = Record<string, unknown>
const text = (description: string): Schema => ({ type: 'string', description })
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description })
const object = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

const claimFields = {
  text: text('One or two plain sentences. No markdown, no links, no commands.'),
  evidence: list(text('An id such as F1, C2 or D3'), 'What this rests on; at least one id.'),
  quotes: list(text('Exact words'), 'Exact words out of that evidence, if any.'),
}

export const answerSchema: Schema = object({
  verdict: object(claimFields),
  happened: list(object(claimFields), 'What probably happened, most likely first.'),
  look_at: list(object(claimFields), 'What a person should look at next.'),
  suggestions: list(
    object({ finding: text('Id of the finding it is for, such as F1'), ...claimFields }),
    'What could be done, best first. Words only.',
  ),
})

export const replySchema: Schema = object({
  claims: list(object(claimFields), 'The answer, sentence by sentence.'),
})
