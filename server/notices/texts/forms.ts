import type { MessageLanguage } from '../../../contract/notifications.ts'

/** How instants and amounts are written in a message. */
export interface Forms {
  /** Of an instant in ISO 8601: `26 Nov 2026, 07:00 UTC`. */
  readonly instant: (at: string) => string
  readonly usd: (amount: number) => string
}

const locales: Readonly<Record<MessageLanguage, string>> = { en: 'en-GB', de: 'de-DE' }

/** The forms of a language; times in the zone that the rules of notifications name. */
export function formsOf(language: MessageLanguage, zone: string): Forms {
  return {
    instant: (at) =>
      new Intl.DateTimeFormat(locales[language], {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        timeZoneName: 'short',
        timeZone: zone,
      }).format(new Date(at)),
    usd: (amount) =>
      language === 'de' ? `${amount.toFixed(2).replace('.', ',')} $` : `$${amount.toFixed(2)}`,
  }
}
