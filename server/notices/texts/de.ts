import type { LimitName, NoticeTexts } from './en.ts'

const limits: Readonly<Record<LimitName, string>> = {
  execution: 'eines Laufs',
  day: 'des Tages',
  month: 'des Monats',
  agent: 'von',
}
const ofLimit = ({ limit, agentId }: { limit: LimitName; agentId: string | null }): string =>
  agentId === null ? limits[limit] : `von ${agentId}`

/** How a run ended where no error says more. */
const outcomes: Readonly<Record<string, string>> = {
  failed: 'fehlgeschlagen',
  'timed-out': 'Zeit abgelaufen',
  lost: 'verloren',
  unreachable: 'nicht erreichbar',
  blocked: 'blockiert',
}

/** How a node is. */
const healths: Readonly<Record<string, string>> = {
  unreachable: 'nicht erreichbar',
  blocked: 'blockiert',
  paused: 'angehalten',
  unknown: 'unbekannt',
  ok: 'in Ordnung',
}

export const de: NoticeTexts = {
  openings: {
    'finding.new': 'Neu',
    'finding.worse': 'Schlimmer',
    'finding.recovered': 'Behoben',
    'schedule.overdue': 'Überfällig',
    'approval.needed': 'Freigabe nötig',
    'budget.reached': 'Budget',
    'trigger.refused': 'Auslöser',
    'backup.failed': 'Sicherung von Carl',
    'run.started': 'Gestartet',
    'run.succeeded': 'Erfolgreich',
    'run.failed': 'Fehlgeschlagen',
    'report.morning': 'Morgenbericht',
  },
  cameAndWent: 'Kam und ging',
  onNode: (name) => ` auf ${name}`,
  things: (number, nodes, worst) =>
    `${number} Meldungen${nodes > 1 ? ` von ${nodes} Nodes` : ''}, die schwerste: ${worst}`,
  more: (number) => `… und ${number} weitere`,
  moreLines: (number) => `… und ${number} weitere Zeilen`,
  openDashboard: 'Dashboard öffnen',
  dashboard: 'Dashboard',

  phrases: {
    'finding.open-for': ({ hours }) =>
      hours < 48 ? `Er war ${hours} Std. offen.` : `Er war ${Math.round(hours / 24)} Tage offen.`,

    'schedule.not-run': ({ name, at }, { instant }) => `${name} lief nicht, erwartet: ${instant(at)}`,
    'schedule.server-off': () => 'Der Server war zu dieser Zeit aus.',
    'schedule.too-old': () => 'Der Server war aus, und zum Nachholen ist es zu lange her.',
    'schedule.too-many': () => 'Es wurden mehr Läufe verpasst, als nachgeholt werden.',
    'schedule.overlap': () => 'Er wartet auf den Lauf davor, der noch nicht zu Ende ist.',

    'trigger.refused': ({ name }) => `${name} hat nichts gestartet, weil es abgelehnt wurde`,

    'approval.needed': ({ agent, changes, node }) =>
      `${agent} schlägt ${changes === 1 ? '1 Änderung' : `${changes} Änderungen`} auf ${node} vor`,

    'budget.share': (given, { usd }) =>
      given.percent >= 100
        ? `das Limit ${ofLimit(given)}, ${usd(given.nanoUsd / 1e9)}, ist verbraucht`
        : `${given.percent} % des Limits ${ofLimit(given)}, ${usd(given.nanoUsd / 1e9)}, sind verbraucht`,
    'budget.until': ({ at }, { instant }) =>
      `Bis ${instant(at)} wird kein Modell gefragt; Läufe und ihre Befunde gehen weiter.`,

    'run.ended': ({ agent, kind }) => `${agent}: ${outcomes[kind] ?? kind}`,

    'backup.not-made': () => 'Dieser Server wurde nicht gesichert',
    'backup.not-copied': ({ place }) => `Die Sicherung dieses Servers kam nicht an: ${place}`,
    'backup.not-restorable': () => 'Eine Sicherung dieses Servers ließ sich auf Probe nicht wiederherstellen',
    'backup.no-drill': () => 'Die Probe, ob sich dieser Server wiederherstellen lässt, war nicht möglich',

    'report.no-nodes': () => 'noch keine Nodes',
    'report.well': ({ nodes }) => `alles gut auf ${nodes === 1 ? 'deinem Node' : `${nodes} Nodes`}`,
    'report.wanting': ({ wanting, nodes }) =>
      `${wanting} von ${nodes} ${nodes === 1 ? 'Node' : 'Nodes'} ${wanting === 1 ? 'braucht' : 'brauchen'} jemanden`,
    'report.nodes': ({ up, total, down, paused }) =>
      `Nodes: ${up} von ${total} erreichbar${down > 0 ? `, ${down} nicht erreichbar` : ''}${paused > 0 ? `, ${paused} angehalten` : ''}`,
    'report.findings': ({ open, critical, high, warning, fresh, recovered }) =>
      `Befunde: ${open} offen (${critical} kritisch, ${high} hoch, ${warning} Warnung); seit gestern ${fresh} neu und ${recovered} behoben`,
    'report.runs': ({ runs, failed }) =>
      `Läufe heute: ${runs}${failed > 0 ? `, davon ${failed} nicht erfolgreich` : ''}`,
    'report.approvals': ({ waiting }) => `Warten auf Freigabe: ${waiting}`,
    'report.models': ({ today, month }, { usd }) =>
      `Modelle: ${usd(today)} heute, ${usd(month)} in diesem Monat`,
    'report.wants-somebody': () => 'Jemanden brauchen:',
    'report.node': ({ name, health, open, worst }) =>
      health === 'findings'
        ? `• ${name}: ${open} offen, am schwersten: ${worst ?? 'unbekannt'}`
        : `• ${name}: ${healths[health] ?? health}${open > 0 ? `, ${open} offen` : ''}`,
    'report.more': ({ nodes }) => `… und ${nodes} weitere`,

    'test.title': () => 'Eine Testnachricht von Carl',
    'test.text': () => 'Wenn du das lesen kannst, funktioniert der Kanal.',
  },
}
