import { create } from 'zustand'
import { en } from '../messages/en/index.ts'
import { type Locale, usePreferences } from './preferences.ts'

/** Every text of the dashboard, by feature. English comes with the first load, others when they are chosen. */
export type Messages = typeof en

const useCatalogue = create<{ readonly messages: Messages }>(() => ({ messages: en }))

const catalogues: Record<Locale, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import('../messages/de/index.ts')).de,
}

/** Loads the language of the preferences, now and when it is changed. Resolves when the first one is there. */
export async function loadMessages(): Promise<void> {
  const load = async (locale: Locale) => {
    const messages = await catalogues[locale]()
    if (usePreferences.getState().locale === locale) useCatalogue.setState({ messages })
  }
  usePreferences.subscribe(({ locale }, before) => {
    if (locale !== before.locale) void load(locale)
  })
  await load(usePreferences.getState().locale)
}

/** The texts of one feature: `const t = useMessages('nodes')`, then `t.title`. */
export function useMessages<Feature extends keyof Messages>(feature: Feature): Messages[Feature] {
  return useCatalogue(({ messages }) => messages[feature])
}

/** The texts as they are now, for code outside of components. */
export const currentMessages = (): Messages => useCatalogue.getState().messages
