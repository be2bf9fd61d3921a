/** HTML that is known to be safe: written here, or escaped. */
export interface Html {
  readonly html: string
}

type Piece = string | number | Html | readonly Html[] | null | false

/** Builds HTML: whatever is put in is text unless it was built by this function itself. */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Html {
  return { html: parts.reduce((all, part, at) => all + toHtml(pieces[at - 1] ?? null) + part) }
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function toHtml(piece: Piece): string {
  if (piece === null || piece === false) return ''
  if (typeof piece === 'object') return 'html' in piece ? piece.html : piece.map(({ html }) => html).join('')
  return String(piece).replace(/[&<>"']/g, (sign) => signs[sign] ?? sign)
}
