import type { MessageLanguage, Phrase } from '../../contract/notifications.ts'
import { de } from './texts/de.ts'
import { en, type NoticeTexts } from './texts/en.ts'
import { type Forms, formsOf } from './texts/forms.ts'

type Phrases = NoticeTexts['phrases']
export type PhraseId = keyof Phrases
type Facts<Id extends PhraseId> = Phrases[Id] extends () => string ? [] : [Parameters<Phrases[Id]>[0]]

const texts: Readonly<Record<MessageLanguage, NoticeTexts>> = { en, de }

/** A sentence of ours, with what stands in it, to be put into words when a message is made. */
export const say = <Id extends PhraseId>(id: Id, ...[facts]: Facts<Id>): Phrase => ({
  say: id,
  facts: (facts ?? {}) as Phrase['facts'],
})

/** How things are said in one language. */
export interface Tongue extends Omit<NoticeTexts, 'phrases'> {
  /** Puts a phrase into words; text that is nobody's phrase stays as it is. */
  readonly put: (text: Phrase | string) => string
}

/** Messages that an older version made name no language. */
export function tongueOf(language: MessageLanguage = 'en', zone = 'UTC'): Tongue {
  const { phrases, ...rest } = texts[language]
  const forms = formsOf(language, zone)
  return {
    ...rest,
    put(text) {
      if (typeof text === 'string') return text
      // Left by another version that knew a sentence more, or one less: its name is better than nothing.
      if (!Object.hasOwn(phrases, text.say)) return text.say
      const find = phrases[text.say as PhraseId] as (facts: Phrase['facts'], forms: Forms) => string
      return find(text.facts, forms)
    },
  }
}
