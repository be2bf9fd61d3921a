import type { Messages } from '../../lib/messages.ts'

export const home: Messages['home'] = {
  cards: {
    actions: 'Jetzt ausführen',
    recent: 'Letzte Ausführungen',
    nodes: 'Nodes',
    disks: 'Volllaufende Platten',
    changes: 'Seit gestern geändert',
    spending: 'Ausgaben',
    coming: 'Nächste Läufe',
    proofs: 'Bewiesene Wiederherstellungen',
  },
  arrange: {
    title: 'Startseite anordnen',
    text: 'Was dich braucht, steht immer oben. Alles andere kommt, wie du magst, auf diesem Gerät.',
    reset: 'Wie es war',
    done: 'Fertig',
    up: (card) => `Nach oben: ${card}`,
    down: (card) => `Nach unten: ${card}`,
  },
  disks: {
    title: 'Volllaufende Platten',
    text: 'Wenn sie weiter so wachsen',
    none: 'Keine Platte wird binnen eines Jahres voll, soweit sich das sagen lässt. Es braucht eine Woche Läufe dafür.',
    of: (mount, node) => `${mount} auf ${node}`,
    used: (percent) => `${percent} belegt`,
    fullOn: (day) => `Voll am ${day}`,
    sure: 'stetig',
    likely: 'wahrscheinlich',
  },
  changes: {
    title: 'Seit gestern geändert',
    all: 'Alle Änderungen',
    none: 'Kein Lauf fand etwas anders.',
    more: (count) => `und ${count} weitere`,
  },
  spending: {
    title: 'Ausgaben',
    all: 'Alle Kosten',
    today: 'Heute',
    month: 'Dieser Monat',
    of: (spent, limit) => `${spent} von ${limit}`,
    reached: 'Eine Grenze ist erreicht: Läufe gehen ohne Erklärungen weiter.',
    off: 'Zurzeit wird kein Modell gefragt, also kommt nichts hinzu.',
    noLimit: 'Keine Grenze ist gesetzt.',
  },
  coming: {
    title: 'Nächste Läufe',
    all: 'Kalender',
    none: 'In den nächsten sieben Tagen läuft nichts von selbst.',
  },
  proofs: {
    title: 'Bewiesene Wiederherstellungen',
    all: 'Alle Backups',
    none: 'Noch sind keine Backups bekannt. Der Backup Validator findet sie und beweist, dass sie sich wiederherstellen lassen.',
  },
}
