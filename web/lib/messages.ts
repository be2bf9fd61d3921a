import { use } from 'react'
import { create } from 'zustand'
import { en } from '../messages/en/index.ts'
import type { rest as restOfEnglish } from '../messages/en/rest.ts'
import { type Locale, usePreferences } from './preferences.ts'

/** What frame and first page say: in English with the first load. */
export type FirstMessages = typeof en
/** What single pages say; comes after the first paint, or with the first page that needs it. */
export type RestOfMessages = typeof restOfEnglish
/** Every text of the dashboard, by feature. */
export type Messages = FirstMessages & RestOfMessages

const useCatalogue = create<{ readonly messages: FirstMessages & Partial<RestOfMessages> }>(() => ({
  messages: en,
}))

interface Catalogue {
  readonly first: () => Promise<FirstMessages>
  /** Of the rest what somebody reads who is not inside yet. */
  readonly door: () => Promise<Pick<RestOfMessages, 'account'>>
  readonly rest: () => Promise<RestOfMessages>
}
const inPseudo = async <Texts>(texts: Promise<Texts>) =>
  (await import('../messages/pseudo.ts')).inPseudo(await texts)
const pseudo: Catalogue = {
  first: () => inPseudo(catalogues.en.first()),
  door: () => inPseudo(catalogues.en.door()),
  rest: () => inPseudo(catalogues.en.rest()),
}
const catalogues: Record<Locale, Catalogue> = {
  en: {
    first: async () => en,
    door: () => import('../messages/en/account.ts'),
    rest: async () => (await import('../messages/en/rest.ts')).rest,
  },
  de: {
    first: async () => (await import('../messages/de/index.ts')).de,
    door: () => import('../messages/de/account.ts'),
    rest: async () => (await import('../messages/de/rest.ts')).rest,
  },
  'en-XA': pseudo,
  'ar-XB': pseudo,
}

const isChosen = (locale: Locale) => usePreferences.getState().locale === locale

/** Loads the language of the preferences, now and when it is changed. Resolves when its first part is there. */
export async function loadMessages(): Promise<void> {
  usePreferences.subscribe(({ locale }, before) => {
    if (locale !== before.locale) void loadAll(locale)
  })
  const { locale } = usePreferences.getState()
  const messages = await catalogues[locale].first()
  if (isChosen(locale)) useCatalogue.setState({ messages })
}

async function loadAll(locale: Locale): Promise<void> {
  const messages = { ...(await catalogues[locale].first()), ...(await restOf(locale)) }
  if (isChosen(locale)) useCatalogue.setState({ messages })
}

const rests = new Map<Locale, Promise<RestOfMessages>>()

/** One promise for all that wait; after a failure the next one tries again. */
function restOf(locale: Locale): Promise<RestOfMessages> {
  const known = rests.get(locale)
  if (known) return known
  const coming = catalogues[locale].rest()
  rests.set(locale, coming)
  coming.catch(() => rests.delete(locale))
  return coming
}

/** Loads what single pages say. A page that is fetched together with it has its texts when it is drawn. */
export const loadRestOfMessages = (): Promise<void> => loadAll(usePreferences.getState().locale)

/** Loads what the pages in front of the sign-in say, without what those behind it do. */
export async function loadDoorMessages(): Promise<void> {
  const { locale } = usePreferences.getState()
  const { account } = await catalogues[locale].door()
  if (isChosen(locale)) useCatalogue.setState(({ messages }) => ({ messages: { ...messages, account } }))
}

/** The texts of one feature: `const t = useMessages('nodes')`, then `t.title`. Suspends until they are there. */
export function useMessages<Feature extends keyof Messages>(feature: Feature): Messages[Feature] {
  const known = useCatalogue(({ messages }: { readonly messages: Partial<Messages> }) => messages[feature])
  return known ?? { ...en, ...use(restOf(usePreferences.getState().locale)) }[feature]
}

/** The texts of a feature as they are now, for code outside of components, which draw nothing before they are there. */
export function currentMessages<Feature extends keyof Messages>(feature: Feature): Messages[Feature] {
  const messages: Partial<Messages> = useCatalogue.getState().messages
  const known = messages[feature]
  if (!known) throw new Error(`the texts of ${feature} are not there yet`)
  return known
}
