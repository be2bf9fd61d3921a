import { cronRanges } from '../../../contract/cron.ts'
import type { RestOfMessages } from '../../lib/messages.ts'

const fields = { minute: 'Minute', hour: 'Stunde', day: 'Tag', month: 'Monat', weekday: 'Wochentag' } as const

export const schedules: RestOfMessages['schedules'] = {
  title: 'Zeitpläne',
  subtitle: 'Was von selbst läuft, wann es wieder läuft, und was aus jedem Mal davor wurde.',
  create: 'Neuer Zeitplan',
  createText: 'Wähle, was wo und wann läuft; die nächsten Läufe stehen daneben.',
  search: 'Zeitpläne suchen',
  readOnly: 'Was von selbst läuft, ändert nur die Rolle Operator',
  readOnlyText: 'Ansehen kannst du alles. Bitte einen Administrator um die Rolle oder um die Änderung.',
  emptyTitle: 'Noch läuft nichts von selbst',
  emptyText: 'Ein Zeitplan startet einen Agenten zu den Zeiten, die du wählst, und hält jede davon fest.',
  noneTitle: 'Kein Zeitplan passt',
  noneText: 'Versuche einen anderen Namen.',
  templates: {
    morning: 'Bericht am Morgen',
    docker: 'Docker wöchentlich aufräumen',
    backup: 'Sicherung wöchentlich prüfen',
  },

  calendar: 'Kalender',
  triggers: 'Auslöser',
  calendarText: 'Was lief, was nicht, und was laufen wird, in deiner eigenen Zeit.',
  list: 'Liste',
  spans: { week: 'Woche', month: 'Monat' },
  span: 'Wie viel zu sehen ist',
  today: 'Heute',
  earlier: 'Früher',
  later: 'Später',
  toCome: 'Kommt noch',
  nothingInIt: 'In dieser Zeit lief nichts und wird nichts laufen',
  nothingInItText: 'Jeder Zeitplan steht hier zu seinen Zeiten: ob er lief, ausfiel oder noch bevorsteht.',
  calendarCut: 'Es ist mehr, als Platz hat; einiges fehlt.',
  moreOfDay: (count) => `${count} weitere`,

  name: 'Name',
  nameMissing: 'Gib ihm einen Namen',
  agent: 'Agent',
  chooseAgent: 'Agenten wählen',
  agentMissing: 'Wähle einen Agenten',
  nodes: 'Nodes',
  nodesHint: 'Namen, Muster wie docker-*, Tags wie tag:storage, oder all. Auch spätere Nodes zählen.',
  nodesMissing: 'Wähle mindestens einen Node',
  options: 'Optionen',
  dryRun: 'Probelauf',
  dryRunLabel: 'Probelauf',
  dryRunHint: 'Macht nur Pläne und Vorschauen; nichts wird geändert.',
  next: 'Nächster Lauf',
  last: 'Letztes Mal',
  never: 'noch nie',
  standing: 'Stand',
  standings: { ok: 'In Ordnung', paused: 'Angehalten', overdue: 'Überfällig', ended: 'Beendet' },

  states: {
    waiting: 'Wartet',
    ran: 'Lief',
    late: 'Lief spät',
    skipped: 'Ausgelassen',
    merged: 'Vereint',
    missed: 'Verpasst',
  },
  reasons: {
    'server-off': 'Der Server war zu dieser Zeit aus.',
    'too-old': 'Der Server war aus, und zum Nachholen ist es zu lange her.',
    'too-many': 'Es wurden mehr verpasst, als nachgeholt werden.',
    'made-up-for': 'Ein späterer Lauf holt ihn nach.',
    overlap: 'Der Lauf davor war nicht zu Ende.',
    'behind-waiting': 'Der Lauf, der wartet, gilt auch für diesen.',
    blackout: 'Er liegt in einer Sperrzeit.',
    refused: 'Er konnte nicht gestartet werden.',
    waited: 'Er wartete auf den Lauf davor.',
  },
  andMore: (count) => `und ${count} weitere davor und danach`,
  executionsRun: (count) => `${count} laufen`,
  executionsDone: (succeeded, total) => `${succeeded} von ${total} erfolgreich`,
  history: 'Was daraus wurde',
  noHistory: 'Er war noch nicht fällig',
  noHistoryText: 'Jede Zeit, zu der er laufen sollte, steht hier, auch wenn er nicht lief.',

  nextRuns: 'Nächste Läufe',
  noNext: 'Er läuft nicht wieder.',
  previewWaits: 'Sobald die Zeit stimmt, stehen hier die nächsten Läufe.',
  blackedOut: 'Sperrzeit',
  clockChange: (at, minutes) =>
    `Die Uhr wird um ${Math.abs(minutes)} Minuten ${minutes > 0 ? 'vorgestellt' : 'zurückgestellt'}: ${at}.`,
  shifts: {
    moved: (wall, at) => `Die Uhr lässt ${wall} an diesem Tag aus, darum läuft er ${at}.`,
    'first-of-two': (wall) => `Die Uhr zeigt ${wall} an diesem Tag zweimal; er läuft beim ersten Mal.`,
    'second-of-two': (wall) => `Die Uhr zeigt ${wall} zum zweiten Mal.`,
  },
  perMonth: (count, shown) => (count === 1 ? '1 Lauf in 30 Tagen' : `${shown} Läufe in 30 Tagen`),
  cost: (likely, most) => `etwa ${likely}, höchstens ${most}`,

  conflicts: 'Im Weg',
  conflict: {
    overlap: (names, nodes, at, times, shown) =>
      `${names} laufen zur selben Zeit auf ${nodes}${times === 1 ? '' : `, ${shown}-mal`}, zuerst ${at}.`,
    pileUp: (count, at, names) => `${count} starten in der Minute ${at}: ${names}.`,
    budget: {
      day: (likely, limit, at) =>
        `Am ${at} kosten Modelle wohl ${likely}; das Limit eines Tages ist ${limit}.`,
      month: (likely, limit) =>
        `In 30 Tagen kosten Modelle wohl ${likely}; das Limit eines Monats ist ${limit}.`,
    },
  },
  and: ' und ',
  thisOne: 'Dieser',
  moreConflicts: (count) => `${count} weitere`,
  useInstead: (sentence) => `Stattdessen: ${sentence}`,
  spreadThem: 'Verteilen',
  spreadTitle: 'Andere Zeiten für diese?',
  spreadText: 'So kommen sie einander nicht in den Weg. Der jeweils erste bleibt, wo er ist.',
  spreadApply: (count) => (count === 1 ? '1 Zeitplan ändern' : `${count} Zeitpläne ändern`),
  spreadDone: (count) => (count === 1 ? '1 Zeitplan ist geändert' : `${count} Zeitpläne sind geändert`),

  sentence: {
    once: (at) => `Einmal, ${at}`,
    interval: (length) => `Alle ${length}`,
    minutes: (step) => (step === 1 ? 'Jede Minute' : `Alle ${step} Minuten`),
    hour: (minute) => `Jede Stunde um ${minute}`,
    day: (time) => `Jeden Tag um ${time}`,
    week: (days, time) => `Jede Woche ${days} um ${time}`,
    month: (day, time) => `Am ${day}. jedes Monats um ${time}`,
  },
  minutes: (count) => (count === 1 ? '1 Minute' : `${count} Minuten`),
  hours: (count) => (count === 1 ? '1 Stunde' : `${count} Stunden`),
  days: (count) => (count === 1 ? '1 Tag' : `${count} Tage`),

  what: 'Was läuft',
  when: 'Wann es läuft',
  kinds: {
    cron: ['Zu festen Zeiten', 'Nach der Uhr: täglich, an Wochentagen, oder jeder Cron-Ausdruck'],
    interval: ['Im Abstand', 'So lange nach dem Mal davor'],
    once: ['Einmal', 'An einem Tag zu einer Zeit'],
  },
  howOften: 'Wie oft',
  frequencies: {
    minutes: 'Alle paar Minuten',
    hour: 'Jede Stunde',
    day: 'Jeden Tag',
    week: 'An Wochentagen',
    month: 'Jeden Monat',
    custom: 'Wie der Ausdruck sagt',
  },
  everySoMany: 'Alle',
  minuteOfHour: 'Minute',
  dayOfMonth: 'Tag des Monats',
  shortMonths: 'Monate ohne diesen Tag werden ausgelassen.',
  time: 'Uhrzeit',
  onDays: 'An diesen Tagen',
  cron: 'Cron-Ausdruck',
  cronHint: 'Minute Stunde Tag Monat Wochentag, zum Beispiel 30 2 * * MON-FRI',
  cronProblem: ({ kind, field, text }) => {
    const name = field === null ? '' : fields[field]
    switch (kind) {
      case 'fields':
        return 'Erwartet werden fünf Felder: Minute Stunde Tag Monat Wochentag.'
      case 'seconds':
        return 'Das sind sechs Felder; Sekunden gibt es hier nicht. Lass das erste weg.'
      case 'unknown':
        return `„${text}“ ist im Feld ${name} nicht zu verstehen.`
      case 'range':
        return field === null
          ? text
          : `„${text}“ liegt im Feld ${name} nicht in ${cronRanges[field].least}–${cronRanges[field].most}.`
      case 'backwards':
        return `„${text}“ läuft im Feld ${name} rückwärts.`
      case 'step':
        return `Die Schrittweite von „${text}“ ist nicht zu verstehen; schreibe */15 oder 0-59/15.`
      case 'never':
        return 'Diesen Tag gibt es nie.'
    }
  },
  everyMinutes: 'Minuten von einem zum nächsten',
  everyMinutesWrong: 'Eine ganze Zahl Minuten, mindestens 1',
  onceAt: 'Tag und Uhrzeit',
  onceAtWrong: 'Wähle Tag und Uhrzeit',
  zone: 'Zeitzone',
  zoneHint:
    'Die Zeiten sind die dieser Zone. Stellt sie ihre Uhr um, geht kein Lauf verloren und keiner kommt doppelt.',
  zoneWrong: 'Diese Zone ist nicht bekannt',

  moreSettings: 'Weitere Einstellungen',
  moreSettingsHint: 'Verpasste Läufe, Überschneidung, Streuung, Sperrzeiten',
  catchUp: 'Wenn Läufe verpasst wurden',
  catchUps: {
    once: ['Einmal nachholen', 'Ein Lauf gilt für alle verpassten'],
    skip: ['Auf sich beruhen lassen', 'Sie werden als verpasst festgehalten'],
    all: ['Jeden nachholen', 'Einen nach dem anderen, bis zu einer Anzahl'],
  },
  withinHours: 'Nicht älter als Stunden',
  most: 'Höchstens so viele',
  overlap: 'Wenn der Lauf davor noch läuft',
  overlaps: {
    skip: ['Diesen auslassen', 'Und als ausgelassen festhalten'],
    queue: ['Warten lassen', 'Er beginnt, wenn der andere endet'],
    parallel: ['Beide laufen lassen', 'Auf einem Node läuft doch einer nach dem anderen'],
  },
  jitter: 'Streuung',
  jitterUpTo: (minutes) => `um bis zu ${minutes} min`,
  jitterMinutes: 'Beginn um bis zu so viele Minuten streuen',
  jitterHint: 'Damit viele Zeitpläne derselben Zeit nicht zugleich beginnen.',
  numberWrong: (least, most) => `Eine Zahl von ${least} bis ${most}`,
  blackout: 'Sperrzeiten',
  blackoutHint: 'Zu diesen Tageszeiten beginnt nichts.',
  blackoutFrom: 'Sperrzeit von',
  blackoutTo: 'Sperrzeit bis',
  blackoutDays: 'Tage der Sperrzeit',
  blackoutAdd: 'Sperrzeit hinzufügen',
  blackoutRemove: 'Diese Sperrzeit entfernen',
  blackoutWrong: 'Eine Sperrzeit braucht einen Beginn und ein anderes Ende',

  settings: 'Einstellungen',
  notifications: 'Benachrichtigungen',
  createdBy: 'Angelegt von',
  more: 'Weitere Aktionen',
  edit: 'Ändern',
  editTitle: (name) => `${name} ändern`,
  export: 'Als YAML laden',
  pause: 'Anhalten',
  resume: 'Fortsetzen',
  pausedNow: (name) => `${name} ist angehalten`,
  resumed: (name) => `${name} läuft wieder`,
  runNow: 'Jetzt ausführen',
  remove: 'Entfernen',
  removeTitle: (name) => `${name} entfernen?`,
  removeText:
    'Nichts beginnt mehr durch ihn, und was aus seinen Zeiten wurde, geht verloren. Was er ausgeführt hat, bleibt.',
  removed: (name) => `${name} ist entfernt`,
  created: (name) => `${name} ist angelegt`,
  saved: (name) => `${name} ist geändert`,
  cancel: 'Abbrechen',
  save: 'Speichern',
  notFound: 'Diesen Zeitplan gibt es nicht',
  notFoundText: 'Vielleicht wurde er entfernt.',
  toList: 'Alle Zeitpläne',
}
