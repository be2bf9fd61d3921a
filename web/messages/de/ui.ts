import type { ui as en } from '../en/ui.ts'

export const ui: typeof en = {
  close: 'Schließen',
  cancel: 'Abbrechen',
  loading: 'Lädt',
  more: 'Mehr',
  guide: 'Mehr im Handbuch:',
  required: 'erforderlich',
  optional: 'optional',
  breadcrumb: 'Pfad',

  states: {
    queued: 'Wartet',
    connecting: 'Verbindet',
    running: 'Läuft',
    stopping: 'Wird beendet',
    succeeded: 'Erfolgreich',
    failed: 'Fehlgeschlagen',
    'timed-out': 'Zeit überschritten',
    cancelled: 'Abgebrochen',
    lost: 'Verloren',
    unreachable: 'Nicht erreichbar',
    blocked: 'Blockiert',
  },
  partial: 'unvollständig',
  health: {
    unknown: 'Noch nie verbunden',
    ok: 'Alles in Ordnung',
    findings: 'Mit Befunden',
    unreachable: 'Nicht erreichbar',
    blocked: 'Eingriff nötig',
    paused: 'Pausiert',
  },
  severities: { critical: 'Kritisch', high: 'Hoch', warning: 'Warnung', info: 'Hinweis' },

  copy: 'Kopieren',
  copyThis: (what) => `${what} kopieren`,
  copied: 'Kopiert',
  notCopied: 'Der Browser lässt das Kopieren nicht zu. Text markieren und von Hand kopieren.',

  error: {
    code: 'Code',
    request: 'Anfrage',
    fix: 'Was jetzt hilft',
    retry: 'Noch einmal versuchen',
    copyDetails: 'Einzelheiten kopieren',
    details: 'Einzelheiten',
    fields: 'Zu berichtigende Felder',
    retryAt: 'Neuer Versuch lohnt sich',
    unknownTitle: 'Im Dashboard ist etwas schiefgegangen',
    unknownFix:
      'Noch einmal versuchen. Bleibt der Fehler, die Seite neu laden und ihn mit diesen Einzelheiten melden.',
    client: 'dashboard.bug',
  },

  confirm: {
    typeToConfirm: (name) => `Zur Bestätigung ${name} eingeben`,
  },

  runStrip: {
    none: 'Noch keine Ausführungen',
    label: (count) =>
      count === 1 ? 'Die letzte Ausführung' : `Die letzten ${count} Ausführungen, die neueste rechts`,
  },

  pagination: {
    label: 'Seiten',
    newer: 'Neuere',
    older: 'Ältere',
    loadMore: 'Mehr laden',
    end: 'Das ist alles.',
  },

  search: { label: 'Suchen', clear: 'Suche leeren' },

  toasts: { label: 'Meldungen', dismiss: 'Ausblenden' },

  user: (name) => `Konto ${name}`,
}
