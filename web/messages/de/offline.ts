import type { Messages } from '../../lib/messages.ts'

export const offline: Messages['offline'] = {
  since: (at) => `Der Server ist seit ${at} nicht erreichbar. Bis er zurück ist, lässt sich nichts ändern.`,
  from: (at, ago) =>
    `Der Server ist nicht erreichbar. Zu sehen ist der Stand von ${at}, ${ago}. Bis der Server zurück ist, lässt sich nichts ändern.`,
  reason: 'Der Server ist nicht erreichbar. Das geht wieder, sobald er zurück ist.',
  notSent: {
    title: 'Der Server ist nicht erreichbar',
    detail: 'Nichts wurde gesendet, und nichts wird später gesendet.',
    fix: 'Noch einmal versuchen, wenn der Balken oben verschwunden ist.',
  },
  device: 'Dieses Gerät',
  deviceText: 'Das Dashboard als eigene App, und was es zeigt, solange der Server nicht erreichbar ist.',
  install: 'App installieren',
  installed: 'Das ist die installierte App.',
  installing: 'Der Browser installiert sie. Du findest sie bei deinen Apps.',
  ways: {
    offer: 'Ein eigenes Fenster, ein Platz bei deinen Apps, und Nachrichten wie von jeder anderen.',
    ios: 'In Safari: Teilen, dann „Zum Home-Bildschirm“. Nachrichten erreichen ein iPhone oder iPad nur in der App.',
    mac: 'In Safari: Ablage, dann „Zum Dock hinzufügen“.',
    menu: 'Im Menü des Browsers: „App installieren“ oder „Zum Startbildschirm hinzufügen“. Nicht jeder Browser kann das.',
    insecure: 'Browser installieren nur, was über HTTPS kommt. Das Handbuch sagt, wie: „Behind a proxy“.',
  },
  keeps: 'Zuletzt Gesehenes auf diesem Gerät behalten',
  keepsHint:
    'Mit seinem Alter zu sehen, solange der Server nicht erreichbar ist. Listen, Nodes, Berichte und Pläne, eine Woche lang; keine Logs und keine Geheimnisse. Beim Abmelden verschwindet es.',
  keepsUnable: 'Ohne HTTPS behält ein Browser nichts: ohne den Server ist dann nichts zu sehen.',
}
