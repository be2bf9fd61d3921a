/** What Lighthouse tells about a page, as far as it is read here. */
export interface LighthouseResult {
  readonly categories: Readonly<
    Record<
      string,
      { readonly score: number | null; readonly auditRefs: readonly { id: string; weight: number }[] }
    >
  >
  readonly audits: Readonly<
    Record<
      string,
      {
        readonly title: string
        readonly score: number | null
        readonly scoreDisplayMode: string
        readonly displayValue?: string
      }
    >
  >
  readonly runtimeError?: { readonly message: string }
}

export const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const
/** Points out of a hundred. */
export type Figures = Readonly<Record<(typeof categories)[number], number>>

/** The four figures. Throws when the page could not be judged. */
export function figuresOf({ categories: given, runtimeError }: LighthouseResult): Figures {
  if (runtimeError) throw new Error(runtimeError.message)
  const pointsOf = (name: string) => Math.round((given[name]?.score ?? 0) * 100)
  return {
    performance: pointsOf('performance'),
    accessibility: pointsOf('accessibility'),
    'best-practices': pointsOf('best-practices'),
    seo: pointsOf('seo'),
  }
}

/** A line for each audit that did not fully hold, those that cost points first. */
export function failedAudits({ categories: given, audits }: LighthouseResult): string[] {
  return categories.flatMap((category) =>
    (given[category]?.auditRefs ?? [])
      .toSorted((a, b) => b.weight - a.weight)
      .flatMap(({ id, weight }) => {
        const audit = audits[id]
        if (!audit || audit.score === null || audit.score >= 0.9) return []
        if (['informative', 'notApplicable', 'manual'].includes(audit.scoreDisplayMode)) return []
        const value = audit.displayValue ? `: ${audit.displayValue}` : ''
        return [`${category} −${weight} ${id} (${audit.score.toFixed(2)})${value}`]
      }),
  )
}

/** All pages in one table of Markdown. */
export function toTable(
  rows: readonly { readonly page: string; readonly form: string; readonly figures: Figures }[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  return [
    line(['Page', 'Form', ...categories]),
    line(['---', '---', ...categories.map(() => '---')]),
    ...rows.map(({ page, form, figures }) => line([page, form, ...categories.map((name) => figures[name])])),
  ].join('')
}
