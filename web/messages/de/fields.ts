import type { Messages } from '../../lib/messages.ts'

export const fields: Messages['fields'] = {
  secret: {
    show: 'Zeigen',
    hide: 'Verbergen',
    kept: 'Verschlüsselt gespeichert und nie wieder angezeigt. Leer lassen, um den Wert zu behalten.',
  },

  tags: {
    remove: (tag) => `${tag} entfernen`,
    added: (tag) => `${tag} hinzugefügt`,
    removed: (tag) => `${tag} entfernt`,
    hint: 'Eingabetaste oder Komma fügt hinzu, Rücktaste entfernt das letzte.',
  },
}
