/** Texts of the fields that only forms have. */
export const fields = {
  secret: {
    show: 'Show',
    hide: 'Hide',
    kept: 'Stored encrypted. It is never shown again; leave this empty to keep it.',
  },

  tags: {
    remove: (tag: string) => `Remove ${tag}`,
    added: (tag: string) => `${tag} added`,
    removed: (tag: string) => `${tag} removed`,
    hint: 'Enter or comma adds one, backspace removes the last.',
  },
}
