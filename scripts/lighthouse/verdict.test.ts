import { expect, test } from 'vitest'
import { failedAudits, figuresOf, type LighthouseResult, toTable } from './verdict.ts'

const audit = (score: number | null, scoreDisplayMode = 'binary', displayValue?: string) => ({
  title: '',
  score,
  scoreDisplayMode,
  ...(displayValue && { displayValue }),
})
const told: LighthouseResult = {
  categories: {
    performance: {
      score: 0.954,
      auditRefs: [
        { id: 'light', weight: 1 },
        { id: 'heavy', weight: 30 },
      ],
    },
    accessibility: {
      score: 1,
      auditRefs: [
        { id: 'fine', weight: 7 },
        { id: 'by-hand', weight: 0 },
      ],
    },
    'best-practices': { score: null, auditRefs: [{ id: 'unasked', weight: 1 }] },
  },
  audits: {
    light: audit(0.5, 'metricSavings'),
    heavy: audit(0.1, 'numeric', '900 ms'),
    fine: audit(1),
    'by-hand': audit(0, 'manual'),
    unasked: audit(null, 'notApplicable'),
  },
}

test('points are out of a hundred, and what was not judged has none', () => {
  expect(figuresOf(told)).toEqual({ performance: 95, accessibility: 100, 'best-practices': 0, seo: 0 })
})

test('what failed is told with the dearest first; what a person has to look at did not fail', () => {
  expect(failedAudits(told)).toEqual(['performance −30 heavy (0.10): 900 ms', 'performance −1 light (0.50)'])
})

test('a page that could not be judged is no page with bad figures', () => {
  expect(() => figuresOf({ ...told, runtimeError: { message: 'no page' } })).toThrow('no page')
})

test('all pages stand in one table', () => {
  expect(toTable([{ page: 'home', form: 'mobile', figures: figuresOf(told) }])).toContain(
    '| home | mobile | 95 | 100 | 0 | 0 |',
  )
})
